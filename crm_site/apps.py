"""Says which site the admin is."""

from django.contrib.admin import apps as admin_apps


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin on our own site."""

    default = False
    default_site = "crm_site.admin_site.AdminSite"
