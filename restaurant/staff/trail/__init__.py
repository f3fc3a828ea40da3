"""The audit trail's page: what people changed, over all services, to search and to export."""
