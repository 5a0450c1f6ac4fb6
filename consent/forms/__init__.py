"""Forms of the desk."""

from .exports import ExportForm
from .inquiries import InquiryAnswerForm, InquiryForm
from .notices import FIRST_WORDS, CampaignForm, ConfirmForm, DayField, PolicyForm, RemarkForm
from .register import ApprovalForm, RegisterForm
from .suspensions import SuspensionForm
from .transmissions import TransmissionEndForm, TransmissionForm

__all__ = [
    "FIRST_WORDS", "ApprovalForm", "CampaignForm", "ConfirmForm", "DayField", "ExportForm", "InquiryAnswerForm",
    "InquiryForm", "PolicyForm", "RegisterForm", "RemarkForm", "SuspensionForm",
    "TransmissionEndForm",
    "TransmissionForm",
]  # fmt: skip
