"""What all product areas share: clock, ids, paging, the root error, the caller, and the ports to the outside."""
