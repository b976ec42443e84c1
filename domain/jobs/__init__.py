"""Jobs: everything that takes time. MongoDB is the truth, leases say who works, revisions order what happened."""
