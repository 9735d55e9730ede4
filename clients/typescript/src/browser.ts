export { agentPermission } from './agent-permission.ts'
export { indexedDbStore } from './indexed-db-store.ts'
