"""From a folder or a model on the hub to one in the folder of added models; a failure leaves nothing there."""
