"""Forms of the desk."""

from .exports import ExportForm
from .notices import FIRST_WORDS, CampaignForm, ConfirmForm, DayField, PolicyForm, RemarkForm
from .register import ApprovalForm, RegisterForm

__all__ = [
    "FIRST_WORDS", "ApprovalForm", "CampaignForm", "ConfirmForm", "DayField", "ExportForm", "PolicyForm",
    "RegisterForm", "RemarkForm",
]  # fmt: skip
