"""What every page of our admin stands on."""

from django.contrib import admin


class SafeModelAdmin(admin.ModelAdmin):
    """A desk, not an editor: nothing can be added, changed or deleted but through services."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
