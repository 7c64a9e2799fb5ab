"""Where a team reads what it spends."""

from django.urls import path

from billing import views

urlpatterns = [
    path("t/<slug:team>/spend/", views.spend, name="spend"),
    path("t/<slug:team>/spend.csv", views.ledger_csv, name="ledger_csv"),
    path("t/<slug:team>/spend/purse/", views.purse, name="purse"),
]
