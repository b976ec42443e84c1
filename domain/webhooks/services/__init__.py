"""The use cases of webhooks: managing endpoints, recording what happened, delivering it, looking back."""
