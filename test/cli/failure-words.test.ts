import { expect, test } from 'vitest'
import { failureWords } from '../../agent/cli/audit/failure-words.ts'
import { FiskalError } from '../../agent/errors.ts'
import { DeviceError } from '../../drivers/errors.ts'

function system(code: string) {
  return Object.assign(new Error(`${code}: no such file or directory, open 'x'`), { code })
}

test.each([
  [
    new DeviceError('no_data', 'none', 'no log answers the filter'),
    'Die TSE hat im Zeitraum nichts abgesichert: Ein Archiv gibt es nicht. (no_data)',
  ],
  [new DeviceError('pin_locked', 'none', 'locked'), 'Die PIN des Geräts ist gesperrt. (pin_locked)'],
  [
    new FiskalError('dsfinvk_refused', 'lines.csv:14: MENGE is no number (§ 4.2)'),
    'Das DSFinV-K-Paket bestand die eigene Prüfung nicht und wird so nicht überlassen. Wortlaut (englisch): „lines.csv:14: MENGE is no number (§ 4.2)“ (dsfinvk_refused)',
  ],
  [
    system('ENOENT'),
    /^Der Pfad ist nicht zu lesen oder zu beschreiben\. Wortlaut \(englisch\): „ENOENT: .*“ \(path_unusable\)$/,
  ],
  [
    Object.assign(new Error('gone'), { code: 'child_ended' }),
    'Der Vorgang wurde vom System beendet, meist weil Speicher fehlte. (child_ended)',
  ],
  [
    Object.assign(new Error('odd'), { code: 'of_tomorrow' }),
    'Das ist fehlgeschlagen. Wortlaut (englisch): „odd“ (of_tomorrow)',
  ],
])('a failure is a German sentence with its code: %s', (error, told) => {
  expect(failureWords(error, 'de')).toMatch(told)
  if (typeof told === 'string') expect(failureWords(error, 'de')).toBe(told)
})
