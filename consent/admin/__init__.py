from . import words  # noqa: F401  names the acts of this app
from .campaigns import CampaignAdmin
from .deliveries import DeliveryAdmin
from .policies import PolicyVersionAdmin

__all__ = ["CampaignAdmin", "DeliveryAdmin", "PolicyVersionAdmin"]
