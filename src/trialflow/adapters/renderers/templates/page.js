(function () {
  "use strict";
  var PAGE = 50;
  var plain = function (text) { return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); };
  var value = function (row, index) {
    var cell = row.cells[index];
    return cell.dataset.order || cell.querySelector(".value").textContent;
  };

  document.querySelectorAll("table[data-live]").forEach(function (table) {
    var key = table.dataset.live;
    var pick = function (name) { return document.querySelector("[data-" + name + '="' + key + '"]'); };
    var form = pick("filters"), count = pick("count"), more = pick("more");
    var body = table.tBodies[0], all = Array.from(body.rows), order = all.slice();
    var heads = Array.from(table.tHead.rows[0].cells);
    var words = new Map(all.map(function (row) { return [row, plain(row.textContent)]; }));
    var collate = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
    var shown = PAGE, sorted = { index: -1, down: false };

    function fits(row) {
      return Array.from(form.elements).every(function (field) {
        if (!field.value || field.name === "sort" || field.type === "reset") { return true; }
        if (field.name === "find") { return words.get(row).includes(plain(field.value.trim())); }
        return row.dataset[field.name] === field.value;
      });
    }

    function draw() {
      var found = 0;
      order.forEach(function (row) {
        row.hidden = !fits(row);
        if (!row.hidden) { found += 1; }
        row.classList.toggle("beyond", !row.hidden && found > shown);
      });
      more.parentElement.hidden = found <= shown;
      more.textContent = "Show " + Math.min(PAGE, found - shown) + " more rows";
      var by = sorted.index < 0 ? "in the order of work" :
        "by " + heads[sorted.index].textContent + (sorted.down ? ", descending" : ", ascending");
      count.textContent = "Showing " + Math.min(found, shown) + " of " + found + " that match, out of " + all.length + ", " + by + ".";
    }

    function sort(index, down) {
      sorted = { index: index, down: down };
      order = all.slice();
      if (index >= 0) {
        order.sort(function (a, b) { return (down ? -1 : 1) * collate(value(a, index), value(b, index)); });
      }
      heads.forEach(function (head, at) {
        if (at === index) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); }
        else { head.removeAttribute("aria-sort"); }
      });
      form.elements.sort.value = index < 0 ? "" : String(index);
      body.append.apply(body, order);
      draw();
    }

    heads.forEach(function (head, index) {
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
    form.addEventListener("input", function (event) {
      if (event.target.name === "sort") { sort(event.target.value === "" ? -1 : Number(event.target.value), false); }
      shown = PAGE;
      draw();
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(function () { shown = PAGE; sort(-1, false); }, 0); });
    more.addEventListener("click", function () { shown += PAGE; draw(); });
    document.querySelectorAll("a[data-facet]").forEach(function (link) {
      link.addEventListener("click", function () {
        var field = form.elements[link.dataset.facet];
        if (field) { field.value = link.dataset.value; shown = PAGE; draw(); }
      });
    });
    form.hidden = false;
    draw();
  });
})();
