"""What VMs' agents report: schemas.py bounds it, reports.py turns it into facts."""
