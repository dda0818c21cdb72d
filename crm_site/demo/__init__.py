"""The demo data: an invented sales team that sells scanners, printers and sensors for warehouses."""
