"""An alias leads to a record that is none: whoever reads follows one step and is there."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION customers_refuse_chains_of_aliases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM customers_customer WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a record is no alias of an alias' USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM customers_customer WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'a record that has aliases becomes none' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customer_aliases_make_no_chain BEFORE INSERT OR UPDATE OF merged_into_id ON customers_customer
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION customers_refuse_chains_of_aliases();
"""
ALLOW = """
DROP TRIGGER customer_aliases_make_no_chain ON customers_customer;
DROP FUNCTION customers_refuse_chains_of_aliases;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_categories_blanked")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
