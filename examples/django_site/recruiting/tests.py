"""The site's own tests: `python manage.py test`."""

from __future__ import annotations

import io
import re
import tempfile
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from recruiting import work
from recruiting.models import Coordinator, Enquiry, Study
from recruiting.sample import copy_of
from trialflow import Conflict


class Lost(Exception):
    """Something of the clinic's own fails after trialflow has recorded."""


def somebody(name: str = "anna", code: str = "u-17", role: str = "coordinator") -> Coordinator:
    user = User.objects.create_user(name, first_name=name.title(), is_staff=True, is_superuser=True)
    return Coordinator.objects.create(user=user, code=code, role=role)


def arrived(by: Coordinator, number: str = "1") -> Enquiry:
    study, _ = Study.objects.get_or_create(code="sleep-2", defaults={"title": "Sleep"})
    return work.receive(study, "Radio", number, by, {"name": "Ann Example", "phone": "+1 212 555 0101"})


class OneTransaction(TransactionTestCase):
    """The clinic's rows and trialflow's records commit and roll back together; without a transaction of the test."""

    def test_what_fails_later_takes_the_record_along(self) -> None:
        by, number = somebody(), str(timezone.now().timestamp())
        before = work.tracker().storage.head()[0]
        with self.assertRaises(Lost), transaction.atomic():
            enquiry = arrived(by, number)
            self.assertEqual(work.tracker().lead(enquiry.pk).status, "new")
            raise Lost
        self.assertEqual(Enquiry.objects.count(), 0)
        self.assertEqual(work.tracker().storage.head()[0], before)
        self.assertEqual(work.tracker().identity(enquiry.pk), {})
        self.assertEqual(work.tracker().dashboard().leads, len(work.tracker().leads()))
        again = arrived(by, number)
        self.assertEqual(again.pk, enquiry.pk)
        self.assertFalse(connection.in_atomic_block)
        self.assertEqual(work.tracker().storage.head()[0], before + 1)
        self.assertTrue(work.tracker().verify().ok)

    def test_a_conflict_leaves_the_clinics_transaction_usable(self) -> None:
        by = somebody()
        enquiry = arrived(by, str(timezone.now().timestamp()))
        with transaction.atomic():
            Study.objects.create(code="kept", title="Kept")
            with self.assertRaises(Conflict):
                work.move(enquiry, "closed", by, seen=99, reason="declined")
            Study.objects.create(code="kept-too", title="Kept too")
        self.assertEqual(Study.objects.filter(code__startswith="kept").count(), 2)
        self.assertEqual(Enquiry.objects.get(pk=enquiry.pk).status, "new")


class Pages(TestCase):
    """What a coordinator sees and does."""

    def setUp(self) -> None:
        self.by = somebody()
        self.enquiry = arrived(self.by)
        self.client.force_login(self.by.user)
        self.url = reverse("admin:recruiting_enquiry_change", args=[self.enquiry.pk])

    def form(self, label: str, **more: str) -> dict[str, str]:
        """The fields behind one button of the page as it is now."""
        page = self.client.get(self.url).content.decode()
        found = next(part for part in re.findall(r"<form.*?</form>", page, re.S) if f">{label}</button>" in part)
        return {**dict(re.findall(r'name="(\w+)" value="([^"]*)"', found)), **more}

    def test_the_board_stands_in_the_admin_under_its_own_policy(self) -> None:
        shell = self.client.get(reverse("admin:recruiting_enquiry_board"))
        self.assertContains(shell, "<iframe")
        self.assertIn("default-src 'self'", shell.headers["Content-Security-Policy"])
        page = self.client.get(reverse("admin:recruiting_enquiry_board_page"))
        self.assertContains(page, "Start here")
        self.assertContains(page, "default-src &#39;none&#39;")
        self.assertEqual(page.headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertEqual(page.headers["Content-Security-Policy"], "frame-ancestors 'self'")

    def test_a_refused_move_says_everything_that_stands_in_its_way(self) -> None:
        answer = self.client.post(self.url, self.form("Reached"))
        self.assertContains(answer, "the move is refused", status_code=409)
        self.assertContains(answer, "nobody owns this lead", status_code=409)
        self.assertContains(answer, "record the contact first", status_code=409)
        self.assertEqual(work.tracker().lead(self.enquiry.pk).version, 1)

    def test_whoever_takes_an_enquiry_over_owns_it(self) -> None:
        self.assertRedirects(self.client.post(self.url, self.form("Take over")), self.url)
        self.assertEqual(work.tracker().owner_of(self.enquiry.pk), self.by.code)
        self.assertContains(self.client.get(self.url), "<dd>Anna")
        self.assertRedirects(self.client.post(self.url, self.form("Trying to reach")), self.url)
        self.assertEqual(Enquiry.objects.get().status, "contacting")

    def test_a_missing_reason_is_asked_for(self) -> None:
        answer = self.client.post(self.url, self.form("Closed"))
        self.assertContains(answer, "reason", status_code=409)
        self.assertRedirects(self.client.post(self.url, self.form("Closed", reason="declined")), self.url)
        self.assertEqual(Enquiry.objects.get().status, "closed")

    def test_two_tabs_with_one_enquiry(self) -> None:
        first, second = self.form("Closed", reason="declined"), self.form("Closed", reason="no_response")
        self.assertRedirects(self.client.post(self.url, first), self.url)
        answer = self.client.post(self.url, second)
        self.assertContains(answer, "somebody was faster", status_code=409)
        self.assertContains(answer, "Your page showed version 1", status_code=409)
        self.assertContains(answer, "<b>Anna</b>: moved from New inquiry to Closed (declined)", status_code=409)
        lead = work.tracker().lead(self.enquiry.pk)
        self.assertEqual((lead.version, lead.close_reason), (2, "declined"))

    def test_a_double_click_is_one_move(self) -> None:
        form = self.form("Closed", reason="declined")
        for _ in range(2):
            self.assertRedirects(self.client.post(self.url, form), self.url)
        self.assertEqual(work.tracker().lead(self.enquiry.pk).version, 2)

    def test_a_damaged_form_records_nothing(self) -> None:
        form = self.form("Closed", reason="declined")
        for name in ("to", "seen", "key"):
            answer = self.client.post(self.url, {**form, name: "not a number" if name != "to" else ""}, follow=True)
            self.assertContains(answer, "nothing was recorded")
        self.assertEqual(work.tracker().lead(self.enquiry.pk).version, 1)

    def test_who_may_only_look_has_no_buttons(self) -> None:
        user = User.objects.create_user("looker", is_staff=True)
        self.client.force_login(user)
        self.assertEqual(self.client.get(self.url).status_code, 403)
        user.user_permissions.add(Permission.objects.get(codename="view_enquiry"))
        self.assertContains(self.client.get(self.url), "You may look")
        self.assertNotContains(self.client.get(self.url), "<button>")
        self.assertEqual(self.client.post(self.url, {"to": "closed"}).status_code, 403)

    def test_what_is_typed_by_a_person_is_text(self) -> None:
        study = Study.objects.get()
        hostile = work.receive(study, "Website", "2", self.by, {"name": "<script>alert(1)</script>"})
        url = reverse("admin:recruiting_enquiry_change", args=[hostile.pk])
        for page in (url, reverse("admin:recruiting_enquiry_changelist")):
            self.assertContains(self.client.get(page), "&lt;script&gt;alert(1)")


class Import(TestCase):
    """The command import_tracker."""

    def setUp(self) -> None:
        Study.objects.create(code="sleep-2", title="Sleep")
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def import_day(self, days_ago: int) -> str:
        today = timezone.localdate()
        path = self.folder / f"{days_ago}.csv"
        path.write_text(copy_of(today, before=days_ago > 0), "utf-8")
        said = io.StringIO()
        day = (today - timedelta(days=days_ago)).isoformat()
        call_command("import_tracker", path, "--study", "sleep-2", "--as-of", day, stdout=said)
        return said.getvalue()

    def test_two_copies_and_one_row_for_each_lead(self) -> None:
        self.assertIn("18 rows (18 created)", self.import_day(7))
        self.assertIn("27 rows (9 created, 15 updated, 3 unchanged)", self.import_day(0))
        known = {lead.id: lead.status for lead in work.tracker().leads()}
        self.assertEqual(dict(Enquiry.objects.values_list("lead_id", "status")), known)
        self.assertEqual(len(known), 27)

    def test_a_file_that_cannot_be_imported_changes_nothing(self) -> None:
        path = self.folder / "odd.csv"
        path.write_text("no,header,of,a,tracker\n1,2,3,4,5\n", "utf-8")
        with self.assertRaisesMessage(CommandError, "not imported"):
            call_command("import_tracker", path, "--study", "sleep-2")
        with self.assertRaisesMessage(CommandError, "no study"):
            call_command("import_tracker", path, "--study", "unknown")
        self.assertEqual(Enquiry.objects.count(), 0)
        self.assertEqual(work.tracker().leads(), ())
