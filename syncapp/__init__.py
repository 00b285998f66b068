"""The data sync between HubSpot and QuickBooks Online that a company runs itself."""
