"""Which categories retention has blanked on whom."""

from django.db import migrations, models

# Whoever records a value of a category again, by whatever way: it is no longer one that retention has blanked.
TRIGGER = """
CREATE FUNCTION customers_held_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.blanked := NEW.blanked & ~NEW.held;
    RETURN NEW;
END $$;
CREATE TRIGGER customer_held_again BEFORE UPDATE ON customers_customer
    FOR EACH ROW WHEN (NEW.blanked & NEW.held <> 0) EXECUTE FUNCTION customers_held_again();
"""
NO_TRIGGER = "DROP TRIGGER customer_held_again ON customers_customer; DROP FUNCTION customers_held_again;"


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_guards_and_first_rows'),
        ('customers', '0005_import_filled'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='blanked',
            field=models.IntegerField(db_default=0, default=0, editable=False, verbose_name='categories blanked by retention'),
        ),
        migrations.AddField(
            model_name='historicalcustomer',
            name='blanked',
            field=models.IntegerField(db_default=0, default=0, editable=False, verbose_name='categories blanked by retention'),
        ),
        migrations.AddConstraint(
            model_name='customer',
            constraint=models.CheckConstraint(condition=models.Q(('blanked__gte', 0), ('blanked__lt', 32768)), name='customer_blanked_categories_that_exist'),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
