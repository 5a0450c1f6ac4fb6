from .campaign import CAMPAIGN_MOVES, Campaign, CampaignKind, CampaignStatus
from .delivery import Delivery, DeliveryState, Tally
from .policy import POLICY_MOVES, PolicyStatus, PolicyVersion

__all__ = [
    "CAMPAIGN_MOVES",
    "POLICY_MOVES",
    "Campaign",
    "CampaignKind",
    "CampaignStatus",
    "Delivery",
    "DeliveryState",
    "PolicyStatus",
    "PolicyVersion",
    "Tally",
]
