import { CLOCK_REMEDY } from './agent-warnings.ts'
import type { WarningText } from './text.ts'

/** Warnings about fiscal devices of any kind. */
export const DEVICE_WARNINGS = {
  device_unavailable: {
    severity: 'alarm',
    alert: 'devices',
    en: [
      'The fiscal device does not answer.',
      'Check cable and power. Stop the program named in the message, if any. Call your till dealer if it is down for 10 minutes. The agent retries automatically.',
    ],
    de: [
      'Das Fiskalgerät antwortet nicht.',
      'Steckt das Gerät fest und hat es Strom? Es wird automatisch wieder verbunden. Geht es nach 10 Minuten nicht: den Kassenhändler anrufen.',
    ],
    it: [
      'Il dispositivo fiscale non risponde.',
      'Controllare cavo e alimentazione. Il collegamento riprende automaticamente. Se dopo 10 minuti non risponde: chiamare il rivenditore della cassa.',
    ],
  },
  device_timeout: {
    severity: 'alarm',
    alert: 'devices',
    en: ['The fiscal device does not answer in time.', 'Switch it off and on. The agent retries automatically.'],
    de: ['Das Fiskalgerät antwortet nicht rechtzeitig.', 'Aus- und einschalten. Es wird automatisch wieder verbunden.'],
    it: [
      'Il dispositivo fiscale non risponde in tempo.',
      'Spegnerlo e riaccenderlo. Il collegamento riprende automaticamente.',
    ],
  },
  device_garbled: {
    severity: 'alarm',
    alert: 'devices',
    en: ['The fiscal device sent an invalid reply.', 'Check cable, baud rate and whether another program uses it.'],
    de: [
      'Das Fiskalgerät antwortet unverständlich.',
      'Kabel und Baudrate prüfen, und ob ein anderes Programm es benutzt.',
    ],
    it: [
      'Il dispositivo fiscale risponde in modo incomprensibile.',
      'Controllare cavo, velocità e se un altro programma lo usa.',
    ],
  },
  device_missing: {
    severity: 'alarm',
    alert: 'devices',
    en: [
      'The configuration has no device of that id, or one of another kind, and registers rely on it: nothing of theirs is signed or printed.',
      'Restore that id in "devices" and restart the agent; keep a replaced device there until fiskal-edge device retire ID --reason TEXT.',
    ],
    de: [
      'In der Konfiguration steht kein Gerät mit dieser Kennung oder eines von anderer Art, und Kassen hängen davon ab: nichts davon wird signiert oder gedruckt.',
      'Das Gerät in „devices“ wieder unter dieser Kennung eintragen und den Agenten neu starten; ein ersetztes Gerät bleibt dort eingetragen, bis fiskal-edge device retire ID --reason TEXT ausgeführt ist.',
    ],
    it: [
      'Nella configurazione non c’è un dispositivo con questo id, o ce n’è uno di altro tipo, e delle casse ne dipendono: nulla di loro viene firmato o stampato.',
      'Inserire di nuovo il dispositivo in «devices» con questo id e riavviare l’agente; uno sostituito vi resta finché non è stato eseguito fiskal-edge device retire ID --reason TEXT.',
    ],
  },
  device_foreign: {
    severity: 'alarm',
    alert: 'devices',
    en: [
      'The connected device is not the one enrolled for this shop.',
      'Connect the right one. If the message names another id, fiskal-edge doctor shows the entry to correct. If this one replaces it for good: fiskal-edge device init ID; if that refuses: fiskal-edge device retire ID --reason TEXT.',
    ],
    de: [
      'Angeschlossen ist ein anderes Fiskalgerät als das dieses Geschäfts.',
      'Das richtige anschließen. Nennt die Meldung eine andere Kennung, zeigt fiskal-edge doctor den Eintrag, der zu ändern ist. Ersetzt dieses es für immer: fiskal-edge device init ID; wird das abgelehnt: fiskal-edge device retire ID --reason TEXT.',
    ],
    it: [
      'È collegato un dispositivo fiscale diverso da quello di questo negozio.',
      'Collegare quello giusto. Se il messaggio indica un altro id, fiskal-edge doctor mostra la voce da correggere. Se questo lo sostituisce per sempre: fiskal-edge device init ID; se viene rifiutato: fiskal-edge device retire ID --reason TEXT.',
    ],
  },
  device_not_initialised: {
    severity: 'alarm',
    alert: 'devices',
    en: ['The fiscal device was never set up.', 'fiskal-edge device init ID.'],
    de: ['Das Fiskalgerät wurde nie eingerichtet.', 'fiskal-edge device init ID.'],
    it: ['Il dispositivo fiscale non è mai stato inizializzato.', 'fiskal-edge device init ID.'],
  },
  device_unsteady: {
    severity: 'warning',
    alert: 'device_warnings',
    en: [
      'The fiscal device disconnects again and again for a moment.',
      'Check its cable, plug, hub and power supply. The receipts are signed; a longer absence is an outage.',
    ],
    de: [
      'Das Fiskalgerät ist immer wieder für einen Augenblick nicht erreichbar.',
      'Kabel, Stecker, Hub und Netzteil prüfen. Die Belege sind signiert; eine längere Unterbrechung ist ein Ausfall.',
    ],
    it: [
      'Il dispositivo fiscale è più volte irraggiungibile per un attimo.',
      'Controllare cavo, connettore, hub e alimentatore. Gli scontrini sono registrati; un’assenza più lunga è un guasto.',
    ],
  },
  device_disabled: {
    severity: 'alarm',
    alert: 'devices',
    en: [
      'The fiscal device was permanently put out of service.',
      'Save its logs: fiskal-edge device archive ID. Order a new one, then move the registers to it: fiskal-edge device retire ID --reason TEXT.',
    ],
    de: [
      'Das Fiskalgerät wurde endgültig außer Betrieb genommen.',
      'fiskal-edge device archive ID holt seine Aufzeichnungen heraus. Ein neues bestellen; dann die Kassen mit fiskal-edge device retire ID --reason TEXT auf das neue umstellen.',
    ],
    it: [
      'Il dispositivo fiscale è stato disattivato per sempre.',
      'fiskal-edge device archive ID ne estrae le registrazioni. Ordinarne uno nuovo; poi fiskal-edge device retire ID --reason TEXT gli passa le casse.',
    ],
  },
  device_outcome_unresolved: {
    severity: 'alarm',
    alert: 'device_warnings',
    because: 'device_trouble',
    en: [
      'The fiscal device does not report the outcome of an act. The agent keeps asking; nothing is signed or printed twice.',
      'Ask its maker, with the reply that fiskal-edge device status ID shows. Switch it off and on only after that.',
    ],
    de: [
      'Das Fiskalgerät nennt das Ergebnis eines Vorgangs nicht. Der Agent fragt weiter; nichts wird doppelt signiert oder gedruckt.',
      'fiskal-edge device status ID zeigt seine Antwort: den Hersteller fragen. Erst danach aus- und einschalten.',
    ],
    it: [
      'Il dispositivo fiscale non dice che cosa ne è stato di un’operazione. L’agente continua a chiedere; nulla viene firmato o stampato due volte.',
      'fiskal-edge device status ID mostra che cosa risponde: chiedere al produttore. Spegnere e riaccendere solo dopo.',
    ],
  },
  receipts_unsigned: {
    severity: 'alarm',
    alert: 'unsigned_receipts',
    because: 'device_trouble',
    en: [
      'The fiscal device refused to sign receipts of the last 24 hours, although it was ready.',
      'Run fiskal-edge doctor: it shows what the device refuses. If it stays so: fiskal-edge support bundle FILE, for support.',
    ],
    de: [
      'Das Fiskalgerät war bereit und hat in den letzten 24 Stunden Belege nicht signiert.',
      'fiskal-edge doctor zeigt, was das Gerät ablehnt. Bleibt es so: fiskal-edge support bundle FILE, für den Support.',
    ],
    it: [
      'Il dispositivo fiscale era pronto e nelle ultime 24 ore non ha firmato alcuni documenti.',
      'fiskal-edge doctor mostra che cosa rifiuta il dispositivo. Se resta così: fiskal-edge support bundle FILE, per l’assistenza.',
    ],
  },
  device_pin_wrong: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The PIN of the fiscal device is wrong. It is not tried again, so that the device is not locked.',
      'Correct the PIN file; then fiskal-edge device status ID.',
    ],
    de: [
      'Die PIN des Fiskalgeräts ist falsch. Sie wird nicht noch einmal versucht, damit es nicht gesperrt wird.',
      'PIN-Datei berichtigen; dann fiskal-edge device status ID.',
    ],
    it: [
      'Il PIN del dispositivo fiscale è errato. Non viene riprovato, per non bloccarlo.',
      'Correggere il file del PIN; poi fiskal-edge device status ID.',
    ],
  },
  device_pin_locked: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: ['The PIN of the fiscal device is locked.', 'Unlock it with its PUK, by the tool of its maker.'],
    de: ['Die PIN des Fiskalgeräts ist gesperrt.', 'Mit der PUK entsperren, mit dem Werkzeug des Herstellers.'],
    it: ['Il PIN del dispositivo fiscale è bloccato.', 'Sbloccarlo con il PUK, con lo strumento del produttore.'],
  },
  device_self_test_due: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: ['The fiscal device requires a self-test.', 'fiskal-edge device self-test ID.'],
    de: ['Das Fiskalgerät verlangt einen Selbsttest.', 'fiskal-edge device self-test ID.'],
    it: ['Il dispositivo fiscale richiede un autotest.', 'fiskal-edge device self-test ID.'],
  },
  device_time_not_set: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: ['The fiscal device has no time.', 'Check the time of this machine; then fiskal-edge device set-time ID.'],
    de: ['Das Fiskalgerät hat keine Zeit.', 'Zeit dieser Maschine prüfen; dann fiskal-edge device set-time ID.'],
    it: [
      "Il dispositivo fiscale non ha l'ora.",
      "Controllare l'ora di questa macchina; poi fiskal-edge device set-time ID.",
    ],
  },
  device_clock_suspect: {
    severity: 'alarm',
    alert: 'clock',
    because: ['clock_implausible'],
    isListedAlone: true,
    en: [
      'The clock of this machine is not secured: nothing is signed, and each receipt carries the outage notice.',
      CLOCK_REMEDY.en,
    ],
    de: [
      'Die Uhrzeit dieser Maschine ist nicht gesichert: es wird nichts signiert, und jeder Beleg trägt den Hinweis darauf.',
      CLOCK_REMEDY.de,
    ],
    it: [
      "L'ora di questa macchina non è sicura: nulla viene firmato, e ogni scontrino riporta l’avviso.",
      CLOCK_REMEDY.it,
    ],
  },
  device_memory_full: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The memory of the fiscal device is full: it records nothing more.',
      'fiskal-edge device archive ID --delete empties it, also while sales are open. If it refuses, complete or void them and repeat; if it still refuses: fiskal-edge device retire ID --reason TEXT --successor OTHER. The archive is kept. The memory of a printer is changed by its technician.',
    ],
    de: [
      'Der Speicher des Fiskalgeräts ist voll: es zeichnet nichts mehr auf.',
      'fiskal-edge device archive ID --delete leert ihn, auch bei offenen Verkäufen. Wird das abgelehnt: diese abschließen oder abbrechen, dann noch einmal; wird es wieder abgelehnt: fiskal-edge device retire ID --reason TEXT --successor ANDERE. Das Archiv bleibt aufbewahrt. Den Speicher eines Druckers tauscht sein Techniker.',
    ],
    it: [
      'La memoria del dispositivo fiscale è piena: non registra più nulla.',
      'fiskal-edge device archive ID --delete la svuota, anche con vendite aperte. Se rifiuta: concluderle o annullarle e ripetere; se rifiuta ancora: fiskal-edge device retire ID --reason TEXT --successor ALTRA. L’archivio è conservato. La memoria di una stampante la cambia il suo tecnico.',
    ],
  },
  device_memory_low: {
    severity: 'warning',
    alert: 'device_memory',
    en: [
      'The memory of the fiscal device is filling up.',
      'fiskal-edge device archive ID --delete empties it. A printer: order the change of its memory.',
    ],
    de: [
      'Der Speicher des Fiskalgeräts wird voll.',
      'fiskal-edge device archive ID --delete leert ihn. Bei einem Drucker den Tausch des Speichers bestellen.',
    ],
    it: [
      'La memoria del dispositivo fiscale si sta riempiendo.',
      'fiskal-edge device archive ID --delete la svuota. Per una stampante ordinare il cambio della memoria.',
    ],
  },
  device_signatures_low: {
    severity: 'warning',
    alert: 'device_memory',
    en: ['The fiscal device has few signatures left.', 'Order a new one.'],
    de: ['Das Fiskalgerät hat nur noch wenige Signaturen.', 'Ein neues bestellen.'],
    it: ['Al dispositivo fiscale restano poche firme.', 'Ordinarne uno nuovo.'],
  },
  device_signatures_exhausted: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The fiscal device has no signature left.',
      'Plug a new one in, then fiskal-edge device init ID; if that refuses, move the registers to it: fiskal-edge device retire ID --reason TEXT.',
    ],
    de: [
      'Das Fiskalgerät hat keine Signatur mehr.',
      'Ein neues anschließen, dann fiskal-edge device init ID; wird das abgelehnt, die Kassen mit fiskal-edge device retire ID --reason TEXT auf das neue umstellen.',
    ],
    it: [
      'Il dispositivo fiscale non ha più firme.',
      'Collegarne uno nuovo, poi fiskal-edge device init ID; se viene rifiutato, passargli le casse: fiskal-edge device retire ID --reason TEXT.',
    ],
  },
  device_replacement_needed: {
    severity: 'warning',
    alert: 'device_memory',
    en: [
      'The fiscal device reports that its memory is worn out and that it has to be replaced. It still signs.',
      'Order a new one now. When it has arrived, save the logs (fiskal-edge device archive ID) and move the registers to it (fiskal-edge device retire ID --reason TEXT).',
    ],
    de: [
      'Das Fiskalgerät meldet, dass sein Speicher verschlissen ist und es ersetzt werden muss. Noch signiert es.',
      'Jetzt ein neues bestellen. Ist es da: fiskal-edge device archive ID holt die Protokolle heraus, die Kassen mit fiskal-edge device retire ID --reason TEXT auf das neue umstellen.',
    ],
    it: [
      'Il dispositivo fiscale segnala che la sua memoria è usurata e che va sostituito. Per ora firma ancora.',
      "Ordinarne subito uno nuovo. Quando c'è: fiskal-edge device archive ID ne estrae i registri, fiskal-edge device retire ID --reason TEXT passa le casse al nuovo.",
    ],
  },
  device_certificate_expiring: {
    severity: 'warning',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'The certificate of the fiscal device expires.',
      'Order a new device before that day, and follow its exchange in docs/technician.md.',
    ],
    de: [
      'Das Zertifikat des Fiskalgeräts läuft ab.',
      'Vor diesem Tag ein neues Gerät bestellen; den Tausch beschreibt docs/technician.md.',
    ],
    it: [
      'Il certificato del dispositivo fiscale sta per scadere.',
      'Ordinare un nuovo dispositivo prima di quel giorno; la sostituzione è descritta in docs/technician.md.',
    ],
  },
  device_certificate_expired: {
    severity: 'alarm',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'The certificate of the fiscal device has expired.',
      'Plug a new one in, then fiskal-edge device init ID; if that refuses, move the registers to it: fiskal-edge device retire ID --reason TEXT.',
    ],
    de: [
      'Das Zertifikat des Fiskalgeräts ist abgelaufen.',
      'Ein neues anschließen, dann fiskal-edge device init ID; wird das abgelehnt, die Kassen mit fiskal-edge device retire ID --reason TEXT auf das neue umstellen.',
    ],
    it: [
      'Il certificato del dispositivo fiscale è scaduto.',
      'Collegarne uno nuovo, poi fiskal-edge device init ID; se viene rifiutato, passargli le casse: fiskal-edge device retire ID --reason TEXT.',
    ],
  },
  device_clock_skew: {
    severity: 'warning',
    alert: false,
    en: [
      'The clocks of device and machine differ.',
      'Check the time of this machine, then set that of the device (fiskal-edge device set-time ID, or in its menu).',
    ],
    de: [
      'Die Uhren von Gerät und Maschine gehen auseinander.',
      'Zeit dieser Maschine prüfen, dann die des Geräts stellen (fiskal-edge device set-time ID oder in seinem Menü).',
    ],
    it: [
      'Gli orologi di dispositivo e macchina divergono.',
      "Controllare l'ora di questa macchina, poi impostare quella del dispositivo (fiskal-edge device set-time ID, o nel suo menu).",
    ],
  },
} satisfies Readonly<Record<string, WarningText>>
