"""What the planner has to know of the search index, and does not find out by itself.

A few tokens (single kanji, frequent names) are borne by tens of thousands, millions (mails, telephones) by one. A sample of
the usual size knows the hundred most frequent and believes that any other is borne by thousands; so a search of two
names walks both, where it should look up the few who bear the rare one. Asked for: a longer list of frequent ones, and
the share of different ones as it was measured among a million customers.
"""

from django.db import migrations

TELL = "ALTER TABLE customers_searchtoken ALTER token SET STATISTICS 300, ALTER token SET (n_distinct = -0.07)"
FORGET = "ALTER TABLE customers_searchtoken ALTER token SET STATISTICS DEFAULT, ALTER token RESET (n_distinct)"


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_make_months_of_events_beside_readers")]

    operations = [migrations.RunSQL(TELL, FORGET)]
