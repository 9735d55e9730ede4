import { unitFaults } from '../se-api/unit-faults.ts'

/** The faults of this simulator, for the grammar of drivers/faults.ts. */
export const faultNames = [...unitFaults, 'busy', 'garbled'] as const
