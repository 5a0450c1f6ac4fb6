"""A photo or a video of a customer."""

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from audit.forms import DeskForm
from customers import reading
from customers.pictures import LARGEST, LARGEST_VIDEO, PictureRefused, Refusal

from .values import text_field


class _MediaForm(DeskForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"] = text_field(_("Title"), help_text=_("What it shows, in a few words."))
        self.fields["file"].error_messages["required"] = _("Choose a file.")

    def clean_title(self):
        try:
            return reading.read_text(self.cleaned_data["title"].strip(), limit=200)
        except reading.Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None


class PhotoForm(_MediaForm):
    """One photo; what it is decides its content, in the child process that draws it anew."""

    file = forms.FileField(
        label=_("Photo"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/heic"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "JPEG, PNG or HEIC, at most %(size)s. It is drawn anew: where and with what it was taken is not kept."
        ) % {"size": filesizeformat(LARGEST)}

    def clean_file(self):
        """Too large is said before the whole of it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                str(PictureRefused(Refusal.SIZE, limit=filesizeformat(LARGEST), actual=filesizeformat(file.size)))
            )
        return file


class VideoForm(_MediaForm):
    """One video, kept as it is."""

    file = forms.FileField(
        label=_("Video"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "video/mp4,video/quicktime,video/webm"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "MP4, MOV or WebM, at most %(size)s. It is kept as it is: with what the camera wrote into it."
        ) % {"size": filesizeformat(LARGEST_VIDEO)}
