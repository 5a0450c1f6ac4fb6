from . import words  # noqa: F401  names the acts of this app
from .campaigns import CampaignAdmin
from .consents import ConsentAdmin, QuestionAdmin, WordingAdmin
from .cookies import CookieChoiceAdmin, ExternalTransmissionAdmin
from .deliveries import DeliveryAdmin
from .exports import ExportAdmin
from .inquiries import OfficialInquiryAdmin
from .joint_use import JointUseAdmin
from .letters import LetterFileAdmin
from .policies import PolicyVersionAdmin
from .provisions import ProvisionAdmin, ProvisionPersonAdmin, ProvisionRefusalAdmin
from .receipts import ReceiptAdmin
from .register import PermittedUseAdmin, RegisterChangeAdmin
from .suspensions import SuspensionAdmin
from .third_parties import ThirdPartyAdmin

__all__ = [
    "CampaignAdmin",
    "ConsentAdmin",
    "CookieChoiceAdmin",
    "DeliveryAdmin",
    "ExportAdmin",
    "ExternalTransmissionAdmin",
    "JointUseAdmin",
    "LetterFileAdmin",
    "OfficialInquiryAdmin",
    "PermittedUseAdmin",
    "PolicyVersionAdmin",
    "ProvisionAdmin",
    "ProvisionPersonAdmin",
    "ProvisionRefusalAdmin",
    "QuestionAdmin",
    "ReceiptAdmin",
    "RegisterChangeAdmin",
    "SuspensionAdmin",
    "ThirdPartyAdmin",
    "WordingAdmin",
]
