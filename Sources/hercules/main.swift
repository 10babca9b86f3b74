print("hercules")
