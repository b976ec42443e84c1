"""Buying credits and subscribing to plans: orders, subscriptions, and what a payment gateway tells of them."""
