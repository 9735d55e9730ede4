import { writeFileSync } from 'node:fs'
import { CONTRACT, contractTypes } from './client/till-contract.ts'

// node scripts/client-contract.ts
// Writes the types of the client (clients/typescript) after a change of clients/openapi.json.
writeFileSync(CONTRACT, contractTypes())
