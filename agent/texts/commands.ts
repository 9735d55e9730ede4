import { MACHINE_TEXTS } from './doctor-machine.ts'
import { SHOP_TEXTS } from './doctor-shop.ts'
import { TARGET_TEXTS } from './doctor-targets.ts'
import type { Translations } from './text.ts'

/**
 * Sentences of `doctor`, `duty list`, `device list` and `config check` that no warning has, by their English form: `{}` is a
 * fact, in the same order in each language. A sentence without a row stays English.
 */
export const COMMAND_TEXTS: Translations = {
  'To fix:': { de: 'Zu beheben:', it: 'Da risolvere:' },
  // The program, its state and its disk.
  installed: { de: 'installiert', it: 'installato' },
  'VAT rates in force: {}': { de: 'Geltende Umsatzsteuersätze: {}', it: 'Aliquote IVA in vigore: {}' },
  'key {}': { de: 'Schlüssel {}', it: 'chiave {}' },
  'no change is configured': { de: 'keine Änderung eingetragen', it: 'nessun cambio configurato' },
  '{} will be made at the first start': { de: '{} entsteht beim ersten Start', it: '{} nasce al primo avvio' },
  '{}, of {}': { de: '{}, von {}', it: '{}, di {}' },
  '{} is in memory (tmpfs)': { de: '{} liegt im Arbeitsspeicher (tmpfs)', it: '{} è in memoria (tmpfs)' },
  'a power cut takes the journal with it': {
    de: 'ein Stromausfall nimmt das Journal mit',
    it: 'una mancanza di corrente cancella il registro',
  },
  '{} is in {}, which is emptied when the service or the machine stops': {
    de: '{} liegt in {}: Das wird beim Halt von Dienst oder Rechner geleert',
    it: '{} è in {}, svuotata all’arresto del servizio o della macchina',
  },
  'and the journal with it': { de: 'und das Journal mit ihm', it: 'e il registro con essa' },
  'sell nothing more': { de: 'nichts mehr verkaufen', it: 'non vendere altro' },
  'fiskal-edge backup FILE --final, then restore FILE into another place: {}': {
    de: 'fiskal-edge backup FILE --final, dann restore FILE an einen anderen Ort: {}',
    it: 'fiskal-edge backup FILE --final, poi restore FILE in un altro posto: {}',
  },
  'name a folder on a disk in "state"': {
    de: 'in „state“ einen Ordner auf einer Platte nennen',
    it: 'indicare in "state" una cartella su disco',
  },
  'in a container, mount a volume there': {
    de: 'in einem Container dort ein Volume einhängen',
    it: 'in un container montare lì un volume',
  },
  '{} MiB free': { de: '{} MiB frei', it: '{} MiB liberi' },
  'sync {} ms (median of {}), worst {} ms': {
    de: 'Schreiben {} ms (Median von {}), längstens {} ms',
    it: 'scrittura {} ms (mediana di {}), al massimo {} ms',
  },
  'use an SSD: an SD card makes every sale wait': {
    de: 'eine SSD verwenden: Auf eine SD-Karte wartet jeder Verkauf',
    it: 'usare un SSD: una scheda SD fa attendere ogni vendita',
  },
  '{} is free': { de: '{} ist frei', it: '{} è libera' },
  'the agent is running at {}': { de: 'der Agent läuft unter {}', it: 'l’agente è attivo su {}' },
  '{} is as it should be': { de: '{} ist in Ordnung', it: '{} è a posto' },
  'changed since the agent started; not loaded yet': {
    de: 'seit dem Start des Agenten geändert; noch nicht geladen',
    it: 'modificata dopo l’avvio dell’agente; non ancora caricata',
  },
  'systemctl restart fiskal-edge: it reads its configuration then': {
    de: 'systemctl restart fiskal-edge: dann wird sie gelesen',
    it: 'systemctl restart fiskal-edge: allora viene letta',
  },
  // Clock, journal and backup.
  'the clock is synchronised': { de: 'die Uhr wird gestellt', it: 'l’orologio è sincronizzato' },
  'unknown: neither timedatectl nor chronyc is available': {
    de: 'unbekannt: weder timedatectl noch chronyc ist vorhanden',
    it: 'sconosciuta: non ci sono né timedatectl né chronyc',
  },
  'in a container check the clock of its host; elsewhere install systemd-timesyncd or chrony': {
    de: 'in einem Container die Uhr des Hosts prüfen; sonst systemd-timesyncd oder chrony installieren',
    it: 'in un container controllare l’orologio dell’host; altrove installare systemd-timesyncd o chrony',
  },
  'none yet: made at the first start': { de: 'noch keines: beim ersten Start', it: 'ancora nessuno: al primo avvio' },
  'chain holds from seq {} to {}': { de: 'Kette stimmt von {} bis {}', it: 'la catena è integra da {} a {}' },
  'nothing to back up yet': { de: 'noch nichts zu sichern', it: 'ancora nulla da copiare' },
  'none yet': { de: 'noch keine', it: 'ancora nessuna' },
  'the running agent makes one each day': {
    de: 'der laufende Agent macht täglich eine',
    it: 'l’agente attivo ne fa una al giorno',
  },
  now: { de: 'jetzt', it: 'ora' },
  'less than 24 hours old': { de: 'keine 24 Stunden alt', it: 'meno di 24 ore' },
  '{} events': { de: '{} Ereignisse', it: '{} eventi' },
  'no channel: no one is notified': {
    de: 'kein Kanal: niemand wird benachrichtigt',
    it: 'nessun canale: nessuno viene avvisato',
  },
  'add "webhooks" or "alerts" to the configuration: docs/alerts.md': {
    de: '„webhooks“ oder „alerts“ in die Konfiguration eintragen: docs/alerts.md',
    it: 'aggiungere "webhooks" o "alerts" alla configurazione: docs/alerts.md',
  },
  // Devices.
  '{} is ready': { de: '{} ist bereit', it: '{} è pronto' },
  '{} is degraded': { de: '{} ist eingeschränkt', it: '{} è limitato' },
  '{} is down': { de: '{} ist ausgefallen', it: '{} non risponde' },
  '{} is foreign': { de: '{} ist ein fremdes Gerät', it: '{} è un dispositivo estraneo' },
  'serial {}': { de: 'Seriennummer {}', it: 'matricola {}' },
  'certificate until {}': { de: 'Zertifikat bis {}', it: 'certificato fino al {}' },
  'its clock is {} s off': { de: 'seine Uhr geht um {} s falsch', it: 'il suo orologio sbaglia di {} s' },
  'TEST MODE, NOT CERTIFIED': { de: 'TESTBETRIEB, NICHT ZERTIFIZIERT', it: 'MODALITÀ DI PROVA, NON CERTIFICATO' },
  '{}, NOT CERTIFIED': { de: '{}, NICHT ZERTIFIZIERT', it: '{}, NON CERTIFICATO' },
  'Use it for trials and training; configure a certified device before the shop opens (docs/devices.md).': {
    de: 'Nur für Versuch und Schulung; vor der Eröffnung ein zertifiziertes Gerät eintragen (docs/devices.md).',
    it: 'Solo per prove e formazione; prima dell’apertura configurare un dispositivo certificato (docs/devices.md).',
  },
  '{} is plugged in and not configured': {
    de: '{} ist angeschlossen und nicht eingetragen',
    it: '{} è collegato e non configurato',
  },
  'Add to "devices":': { de: 'In „devices“ eintragen:', it: 'Aggiungere a "devices":' },
  ready: { de: 'bereit', it: 'pronto' },
  degraded: { de: 'eingeschränkt', it: 'limitato' },
  down: { de: 'ausgefallen', it: 'non risponde' },
  foreign: { de: 'fremd', it: 'estraneo' },
  DRIVER: { de: 'TREIBER', it: 'DRIVER' },
  STATE: { de: 'ZUSTAND', it: 'STATO' },
  SERIAL: { de: 'SERIENNUMMER', it: 'MATRICOLA' },
  // Duties.
  'none is open': { de: 'keine offen', it: 'nessuno in sospeso' },
  'No duty is open.': { de: 'Keine Aufgabe ist offen.', it: 'Nessun compito in sospeso.' },
  '{} open, the next until {}: {}': {
    de: '{} offen, die nächste bis {}: {}',
    it: '{} in sospeso, il prossimo entro {}: {}',
  },
  '{}: was due {}': { de: '{}: war am {} fällig', it: '{}: scadeva il {}' },
  'fiskal-edge duty list explains it, then: fiskal-edge duty confirm {}': {
    de: 'fiskal-edge duty list erklärt es, danach: fiskal-edge duty confirm {}',
    it: 'fiskal-edge duty list lo spiega, poi: fiskal-edge duty confirm {}',
  },
  'Its unit is not certified, and its code names another provider than a trial registers (AT9).': {
    de: 'Die Einheit ist nicht zertifiziert, und ihr Code nennt einen anderen Anbieter als den eines Versuchs (AT9).',
    it: 'Il dispositivo non è certificato e il suo codice indica un altro fornitore che quello di una prova (AT9).',
  },
  'This unit is not certified: the agent reports it in test mode alone.': {
    de: 'Diese Einheit ist nicht zertifiziert: Der Agent meldet sie nur im Testbetrieb.',
    it: 'Questo dispositivo non è certificato: l’agente lo comunica solo in modalità di prova.',
  },
  'Proven: the key of this journal signed event {} of epoch {} there.': {
    de: 'Bewiesen: Der Schlüssel dieses Journals hat dort Ereignis {} der Epoche {} signiert.',
    it: 'Provato: la chiave di questo registro vi ha firmato l’evento {} dell’epoca {}.',
  },
  'Not proven: the target shows nothing of that epoch that the key of this journal signed.': {
    de: 'Nicht bewiesen: Das Ziel zeigt aus dieser Epoche nichts, was der Schlüssel dieses Journals signiert hat.',
    it: 'Non provato: la destinazione non mostra nulla di quell’epoca che la chiave di questo registro abbia firmato.',
  },
  until: { de: 'bis', it: 'entro' },
  due: { de: 'offen', it: 'da fare' },
  queued: { de: 'wartet auf Versand', it: 'in attesa di invio' },
  sent: { de: 'gesendet', it: 'inviato' },
  unclear: { de: 'ungeklärt', it: 'esito incerto' },
  refused: { de: 'abgelehnt', it: 'rifiutato' },
  confirmed: { de: 'bestätigt', it: 'confermato' },
  withdrawn: { de: 'zurückgezogen', it: 'ritirato' },
  'by relay {}': { de: 'über Relay {}', it: 'tramite relay {}' },
  state: { de: 'Zustand', it: 'stato' },
  authority: { de: 'Behörde', it: 'autorità' },
  title: { de: 'Aufgabe', it: 'compito' },
  // The configuration.
  '{} is valid: {}, state in {}': { de: '{} ist gültig: {}, Zustand in {}', it: '{} è valida: {}, stato in {}' },
  '{}: unknown key, the nearest known one is "{}"': {
    de: '{}: unbekannter Schlüssel, der ähnlichste heißt „{}“',
    it: '{}: chiave sconosciuta, la più simile è "{}"',
  },
  'is missing': { de: 'fehlt', it: 'manca' },
  'name a folder on a disk': { de: 'einen Ordner auf einer Platte nennen', it: 'indicare una cartella su disco' },
  'no device': { de: 'kein Gerät', it: 'nessun dispositivo' },
  ...MACHINE_TEXTS,
  ...TARGET_TEXTS,
  ...SHOP_TEXTS,
}
