"""Documents before they are executed: found, measured, parsed, validated and priced."""
