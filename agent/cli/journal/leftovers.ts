import { stateNow } from '../../journal/books/state-record.ts'
import type { Later } from '../../journal/later-work.ts'
import { LaterWork } from '../../journal/later-work.ts'
import { JournalMissingError, openReadOnly } from '../../journal/reader.ts'
import { knowledgeOf } from '../../laws/knowledge.ts'
import { loadLaws } from '../../laws/laws.ts'

/** The work that a later program left open and this one cannot end; an agent may run. Empty without a journal. */
export async function journalLeftovers(directory: string): Promise<readonly Later[]> {
  const knowledge = await knowledgeOf(await loadLaws())
  try {
    const db = openReadOnly(directory)
    try {
      const later = new LaterWork(db)
      if (later.isPossible) later.learn(knowledge, stateNow(db).intents())
      return later.open
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof JournalMissingError) return []
    throw error
  }
}
