"""Room 办理结果: what other platforms report of an item, and who settles what no plan takes."""
