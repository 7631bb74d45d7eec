"""The three levels: 县级报送, 市级初审, 省级审核."""
