public enum DatabaseSchema {}
