from .campaign import CAMPAIGN_MOVES, Campaign, CampaignKind, CampaignStatus
from .consent import Consent, Wording
from .cookies import CookieChoice, ExternalTransmission
from .delivery import MARKING, Delivery, DeliveryState, Failure, Pace, Tally
from .export import EXPORT_MOVES, Export, ExportStatus
from .inquiry import INQUIRY_MOVES, InquiryStatus, OfficialInquiry
from .joint_use import JointUse
from .letters import LETTER_FILE_MOVES, Letter, LetterFile, LetterFileStatus
from .nudge import Nudge
from .policy import POLICY_MOVES, PolicyStatus, PolicyVersion, PurposeChange
from .provision import PROVISION_MOVES, Provision, ProvisionPerson, ProvisionRefusal, ProvisionStatus
from .question import Question
from .receipt import Receipt, ReceiptPerson
from .register import CHANGE_MOVES, ChangeStatus, PermittedUse, RegisterChange, RegisterLine, Relatedness
from .suspension import Suspension
from .third_party import Agreement, EquivalentMeasures, OffshorePack, ThirdParty, YearlyCheck

__all__ = [
    "Agreement",
    "CAMPAIGN_MOVES",
    "CHANGE_MOVES",
    "Campaign",
    "CampaignKind",
    "CampaignStatus",
    "ChangeStatus",
    "Consent",
    "CookieChoice",
    "Delivery",
    "DeliveryState",
    "EXPORT_MOVES",
    "EquivalentMeasures",
    "Export",
    "ExportStatus",
    "ExternalTransmission",
    "Failure",
    "INQUIRY_MOVES",
    "InquiryStatus",
    "JointUse",
    "LETTER_FILE_MOVES",
    "Letter",
    "LetterFile",
    "LetterFileStatus",
    "MARKING",
    "Nudge",
    "OfficialInquiry",
    "OffshorePack",
    "Pace",
    "PROVISION_MOVES",
    "POLICY_MOVES",
    "PermittedUse",
    "PolicyStatus",
    "PolicyVersion",
    "Provision",
    "ProvisionPerson",
    "ProvisionRefusal",
    "ProvisionStatus",
    "PurposeChange",
    "Question",
    "Receipt",
    "ReceiptPerson",
    "RegisterChange",
    "RegisterLine",
    "Relatedness",
    "Suspension",
    "Tally",
    "ThirdParty",
    "Wording",
    "YearlyCheck",
]
