"""Forms of the desk."""

from .consents import AskForm, ConsentForm, WithdrawalForm, WordingForm
from .exports import ExportForm
from .inquiries import InquiryAnswerForm, InquiryForm
from .joint_use import JointUseForm
from .mailbox import MailboxForm
from .notices import (
    FIRST_WORDS,
    ApprovePolicyForm,
    CampaignForm,
    ConfirmForm,
    DayField,
    PolicyForm,
    RemarkForm,
    ScheduleForm,
)
from .provisions import ProvisionForm, ReceiptForm
from .register import ApprovalForm, RegisterForm
from .suspensions import SuspensionForm
from .third_parties import (
    AgreementForm,
    CheckForm,
    LastDayForm,
    MeasuresForm,
    NamesChangedForm,
    PackForm,
    ThirdPartyForm,
)
from .transmissions import TransmissionEndForm, TransmissionForm

__all__ = [
    "AgreementForm",
    "ApprovalForm",
    "ApprovePolicyForm",
    "AskForm",
    "CampaignForm",
    "CheckForm",
    "ConfirmForm",
    "ConsentForm",
    "DayField",
    "ExportForm",
    "FIRST_WORDS",
    "InquiryAnswerForm",
    "InquiryForm",
    "JointUseForm",
    "LastDayForm",
    "MailboxForm",
    "MeasuresForm",
    "NamesChangedForm",
    "PackForm",
    "PolicyForm",
    "ProvisionForm",
    "ReceiptForm",
    "RegisterForm",
    "RemarkForm",
    "ScheduleForm",
    "SuspensionForm",
    "ThirdPartyForm",
    "TransmissionEndForm",
    "TransmissionForm",
    "WithdrawalForm",
    "WordingForm",
]
