import datetime as dt

import factory
from django.utils import timezone

from consent.models import (
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryState,
    PolicyStatus,
    PolicyVersion,
)

from .audit import StaffFactory
