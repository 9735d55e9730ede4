import SwaggerParser from '@apidevtools/swagger-parser'

// Rejects with the first difference from the schema of OpenAPI 3.1.
await SwaggerParser.validate(process.argv[2])
