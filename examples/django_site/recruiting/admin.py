"""The pages: the clinic's rows as the admin shows them, trialflow's board, and one enquiry with its moves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from recruiting import pages
from recruiting.models import Coordinator, Enquiry, Study
from recruiting.work import accept, move, take, tracker
from trialflow import Conflict, Lead, Refused
from trialflow.adapters.renderers.formats import render

_FRAMED = "frame-ancestors 'self'"
"""The board brings its own policy in its head, stricter than ours; this is the part that only a header can say."""


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):
    """Plain rows of the clinic."""

    list_display = ["code", "title"]


@admin.register(Coordinator)
class CoordinatorAdmin(admin.ModelAdmin):
    """Who may move enquiries, and in which role."""

    list_display = ["user", "code", "role"]


@admin.register(Enquiry)
class EnquiryAdmin(admin.ModelAdmin):
    """Enquiries: the list is the clinic's, the page of one and the board are trialflow's."""

    list_display = ["called", "study", "standing", "changed_at", "changed_by"]
    list_filter = ["study", "status"]
    list_select_related = ["study", "changed_by__user"]
    change_list_template = "recruiting/enquiries.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Enquiries arrive; see the command import_tracker."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Enquiry | None = None) -> bool:
        """The ledger forgets nothing; a person is erased with ``trialflow erase``."""
        return False

    @admin.display(description="enquiry")
    def called(self, enquiry: Enquiry) -> str:
        """What the site calls it."""
        return pages.called(enquiry.lead_id)

    @admin.display(description="status", ordering="status")
    def standing(self, enquiry: Enquiry) -> str:
        """The workflow's words for the status."""
        return tracker().workflow.status_label(enquiry.status)

    def get_urls(self) -> list[URLPattern]:
        """The board beside the admin's own pages."""
        site = self.admin_site.admin_view
        return [
            path("board/", site(self.board), name="recruiting_enquiry_board"),
            path("board/page/", site(xframe_options_sameorigin(self.board_page)), name="recruiting_enquiry_board_page"),
            *super().get_urls(),
        ]

    def board(self, request: HttpRequest) -> HttpResponse:
        """The dashboard inside the admin."""
        self._allow(request)
        context = {**self.admin_site.each_context(request), "title": "Board", "opts": self.opts}
        return TemplateResponse(request, "recruiting/board.html", context)

    def board_page(self, request: HttpRequest) -> HttpResponse:
        """The dashboard as trialflow renders it: one page that fetches nothing."""
        self._allow(request)
        found = tracker()
        page = render(found.dashboard(), "html", labels={**found.labels(), **pages.people()})
        return HttpResponse(page, headers={"Content-Security-Policy": _FRAMED})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One enquiry: what to do next, its moves and why some are refused, what happened."""
        enquiry = get_object_or_404(Enquiry.objects.select_related("study"), pk=object_id)
        self._allow(request, enquiry)
        by = Coordinator.objects.filter(user=request.user).first()
        said, status = {}, 200
        if request.method == "POST":
            if by is None or not self.has_change_permission(request, enquiry):
                raise PermissionDenied
            try:
                return self._moved(request, enquiry, by)
            except Refused as refused:
                said, status = {"refusals": refused.refusals}, 409
            except Conflict as conflict:
                said, status = {"conflict": conflict, "meanwhile": pages.meanwhile(enquiry, conflict.expected)}, 409
        context = {
            **self.admin_site.each_context(request),
            **pages.enquiry(enquiry, by),
            **said,
            "opts": self.opts,
        }
        return TemplateResponse(request, "recruiting/enquiry.html", context, status=status)

    def _moved(self, request: HttpRequest, enquiry: Enquiry, by: Coordinator) -> HttpResponse:
        form = pages.MoveForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "The form came back damaged; nothing was recorded.", "error")
        else:
            lead = self._done(enquiry, by, **form.cleaned_data)
            label = tracker().workflow.status_label(lead.status)
            self.message_user(request, f"{pages.called(lead.id)}: {label}, owner {pages.owner(lead)}", "success")
        return redirect(reverse("admin:recruiting_enquiry_change", args=[enquiry.pk]))

    def _done(self, enquiry: Enquiry, by: Coordinator, *, to: str, **more: Any) -> Lead:
        if to == pages.ACCEPT:
            return accept(enquiry, by, seen=more["seen"], key=more["key"])
        if to == pages.TAKE:
            return take(enquiry, by, seen=more["seen"], reason=more["reason"], key=more["key"])
        return move(enquiry, to, by, **more)

    def _allow(self, request: HttpRequest, enquiry: Enquiry | None = None) -> None:
        if not self.has_view_permission(request, enquiry):
            raise PermissionDenied
