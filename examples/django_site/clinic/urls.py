"""The admin is the whole site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

admin.site.site_header = "Clinic"
admin.site.site_title = "Clinic"
admin.site.index_title = "What there is to do"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:recruiting_enquiry_board")),
    path("admin/", admin.site.urls),
]
