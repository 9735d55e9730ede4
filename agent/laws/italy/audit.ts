import type { AuditRules } from '../audit-rules.ts'
import { UNSOLD } from './unsold-words.ts'

/** Name of the part about the counters and closings of the printers. */
export const PRINTERS_AND_JOURNAL = 'Stampanti / registro'

/** No files: the printers are queried. */
export const AUDIT: AuditRules = {
  afterRestore: {
    remedy: 'vendere o chiudere sulla stampante, che registra i suoi contatori',
    unseen: ['annotazioni nel registro di emergenza', 'vendite senza documento'],
  },
  checked: [],
  unsold: UNSOLD,
  comparisons: [
    {
      name: PRINTERS_AND_JOURNAL,
      told: [
        'I documenti e le chiusure del registro sono stati confrontati con i contatori delle stampanti (Stampanti / registro).',
        'Gli importi di ogni documento sono stati confrontati con le righe e i pagamenti della sua operazione, le aliquote di',
        'ogni operazione con quelle del suo ordine di stampa, quelle di ogni chiusura con i suoi documenti (Registro).',
      ],
    },
  ],
}
