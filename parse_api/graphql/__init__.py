"""GraphQL: a schema made of the class table, answered by the queries, the gate and the writes of the REST API."""
