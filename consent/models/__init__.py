from .campaign import CAMPAIGN_MOVES, Campaign, CampaignKind, CampaignStatus
from .cookies import CookieChoice, ExternalTransmission
from .delivery import Delivery, DeliveryState, Tally
from .export import EXPORT_MOVES, Export, ExportStatus
from .inquiry import INQUIRY_MOVES, InquiryStatus, OfficialInquiry
from .policy import POLICY_MOVES, PolicyStatus, PolicyVersion
from .register import CHANGE_MOVES, ChangeStatus, PermittedUse, RegisterChange, RegisterLine, Relatedness
from .suspension import Suspension
from .third_party import Agreement, EquivalentMeasures, OffshorePack, ThirdParty, YearlyCheck

__all__ = [
    "CAMPAIGN_MOVES",
    "CHANGE_MOVES",
    "EXPORT_MOVES",
    "INQUIRY_MOVES",
    "POLICY_MOVES",
    "Agreement",
    "Campaign",
    "CampaignKind",
    "CampaignStatus",
    "ChangeStatus",
    "CookieChoice",
    "Delivery",
    "DeliveryState",
    "EquivalentMeasures",
    "Export",
    "ExportStatus",
    "ExternalTransmission",
    "InquiryStatus",
    "OffshorePack",
    "OfficialInquiry",
    "PermittedUse",
    "PolicyStatus",
    "PolicyVersion",
    "RegisterChange",
    "RegisterLine",
    "Relatedness",
    "Suspension",
    "Tally",
    "ThirdParty",
    "YearlyCheck",
]
