(function () {
  "use strict";
  var PAGE = 25;
  var plain = function (text) { return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); };
  var collate = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  var value = function (row, index) {
    var cell = row.cells[index];
    return cell.dataset.order || cell.querySelector(".value").textContent;
  };

  // One table: its rows in their present order, how many are shown, and the button for more.
  function part(table) {
    var rows = Array.from(table.tBodies[0].rows);
    return {
      table: table, all: rows, order: rows, shown: PAGE, more: table.nextElementSibling.firstElementChild,
      heads: Array.from(table.tHead.rows[0].cells),
      words: new Map(rows.map(function (row) { return [row, plain(row.textContent)]; }))
    };
  }

  // One filter works on every table of its key: they are filtered and sorted together.
  document.querySelectorAll("form[data-filters]").forEach(function (form) {
    var key = form.dataset.filters;
    var parts = Array.from(document.querySelectorAll('table[data-live="' + key + '"]')).map(part);
    if (!parts.length) { return; }
    var count = document.querySelector('[data-count="' + key + '"]');
    var names = parts[0].heads.map(function (head) { return head.textContent; });
    var total = parts.reduce(function (sum, one) { return sum + one.all.length; }, 0);
    var sorted = { index: -1, down: false };

    function fits(one, row, wanted) {
      return wanted.every(function (field) {
        if (field.name === "find") { return one.words.get(row).includes(plain(field.value.trim())); }
        return (row.dataset[field.name] || "").split("\n").includes(field.value);
      });
    }

    function draw() {
      var wanted = Array.from(form.elements).filter(function (field) {
        return field.value && field.name && field.name !== "sort";
      });
      var found = 0, seen = 0;
      parts.forEach(function (one) {
        var here = 0;
        one.order.forEach(function (row) {
          row.hidden = !fits(one, row, wanted);
          if (!row.hidden) { here += 1; }
          row.classList.toggle("beyond", !row.hidden && here > one.shown);
        });
        one.table.hidden = here === 0;
        one.more.parentElement.hidden = here <= one.shown;
        one.more.textContent = "Show " + Math.min(4 * PAGE, here - one.shown) + " more of " + here;
        found += here;
        seen += Math.min(here, one.shown);
      });
      var by = sorted.index < 0 ? "in the order of work" :
        "by " + names[sorted.index] + (sorted.down ? ", descending" : ", ascending");
      // On paper all that match are there, and whoever reads it must know that there was more.
      count.classList.toggle("filtered", found < total);
      count.dataset.print = "Filtered: " + found + " of " + total + " leads. " + wanted.map(said).join(", ") + ".";
      count.textContent = "Showing " + seen + " of " + found + " that match, out of " + total + ", " + by + ".";
    }

    function said(field) { return field.labels[0].textContent + ": " + field.value; }

    function restart() {
      parts.forEach(function (one) { one.shown = PAGE; });
      draw();
    }

    function sort(index, down) {
      sorted = { index: index, down: down };
      parts.forEach(function (one) {
        one.order = one.all.slice();
        if (index >= 0) {
          one.order.sort(function (a, b) { return (down ? -1 : 1) * collate(value(a, index), value(b, index)); });
        }
        one.heads.forEach(function (head, at) {
          if (at === index) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); }
          else { head.removeAttribute("aria-sort"); }
        });
        one.table.tBodies[0].append.apply(one.table.tBodies[0], one.order);
      });
      form.elements.sort.value = index < 0 ? "" : String(index);
      draw();
    }

    parts.forEach(function (one) {
      one.heads.forEach(function (head, index) {
        var button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        head.replaceChildren(button);
        button.addEventListener("click", function () {
          if (sorted.index !== index) { sort(index, false); }
          else if (!sorted.down) { sort(index, true); }
          else { sort(-1, false); }
        });
      });
      one.more.addEventListener("click", function () { one.shown += 4 * PAGE; draw(); });
    });
    form.addEventListener("input", function (event) {
      if (event.target.name === "sort") { sort(event.target.value === "" ? -1 : Number(event.target.value), false); }
      restart();
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(function () { sort(-1, false); restart(); }, 0); });
    document.querySelectorAll('a[data-pick][href="#' + key + '"]').forEach(function (link) {
      link.addEventListener("click", function () {
        form.reset();
        new URLSearchParams(link.dataset.pick).forEach(function (wanted, name) {
          var field = form.elements[name];
          if (field) { field.value = wanted; }
          if (field && field.selectedIndex < 0) { field.value = ""; }
        });
        restart();
      });
    });
    form.hidden = false;
    draw();
  });
})();
