import type { Text, WarningText } from './text.ts'

export const CLOCK_REMEDY: Text = {
  en: 'If the time is wrong, set it (timedatectl) and check the battery of the mainboard. If it is right and ran ahead before, confirm the duty of fiskal-edge duty list: fiskal-edge duty confirm ID.',
  de: 'Geht die Uhr falsch: stellen (timedatectl) und die Batterie der Hauptplatine prüfen. Geht sie jetzt richtig und ging vorher vor: die Aufgabe aus „fiskal-edge duty list“ bestätigen (fiskal-edge duty confirm ID).',
  it: "Se l'ora è sbagliata: impostarla (timedatectl) e controllare la batteria della scheda madre. Se ora è giusta e prima era avanti: confermare il compito di fiskal-edge duty list (fiskal-edge duty confirm ID).",
}

/** Warnings about the agent, its journal and the disks of the state and its copies. */
export const AGENT_WARNINGS = {
  // The disks.
  state_volatile: {
    severity: 'alarm',
    alert: 'disk',
    en: [
      'The state directory is in memory or in a temporary folder: the next power cut or stop takes the journal with it.',
      'Sell nothing more. Stop the agent, fiskal-edge backup FILE --final to a disk, name a folder there in "state", fiskal-edge restore FILE, start the agent; in a container, mount a volume there.',
    ],
    de: [
      'Das Zustandsverzeichnis liegt im Arbeitsspeicher oder in einem Ordner für vorläufige Dateien: mit dem nächsten Stromausfall oder Halt ist das Journal weg.',
      'Nichts mehr verkaufen. Den Agenten anhalten, fiskal-edge backup FILE --final auf eine Platte, dort ein Verzeichnis in "state" nennen, fiskal-edge restore FILE, den Agenten starten; in einem Container dort ein Volume einhängen.',
    ],
    it: [
      'La directory di stato è in memoria o in una cartella temporanea: la prossima interruzione di corrente o il prossimo arresto cancella il registro.',
      'Non vendere altro. Fermare l\'agente, fiskal-edge backup FILE --final su un disco, indicare in "state" una directory di quel disco, fiskal-edge restore FILE, avviare l\'agente; in un container montare lì un volume.',
    ],
  },
  machine_changed: {
    severity: 'warning',
    alert: false,
    en: [
      'The journal belongs to another machine: this one is new, or the state directory was copied. Selling is not affected.',
      "Confirm the duty of fiskal-edge duty list if this is the shop's machine: fiskal-edge duty confirm ID --reason TEXT. If it is a copy, stop the agent and move the state directory away.",
    ],
    de: [
      'Das Journal gehört zu einer anderen Maschine: Diese hier ist neu, oder das Zustandsverzeichnis wurde kopiert. Der Verkauf ist nicht berührt.',
      'Ist dies die Maschine des Geschäfts, die Aufgabe aus fiskal-edge duty list bestätigen: fiskal-edge duty confirm ID --reason TEXT. Ist es eine Kopie, den Agenten anhalten und das Zustandsverzeichnis an einen anderen Ort legen.',
    ],
    it: [
      'Il registro appartiene a un’altra macchina: questa è nuova, oppure la directory di stato è stata copiata. La vendita non ne risente.',
      'Se questa è la macchina del negozio, confermare il compito di fiskal-edge duty list: fiskal-edge duty confirm ID --reason TEXT. Se è una copia, fermare l’agente e spostare altrove la directory di stato.',
    ],
  },
  disk_full: {
    severity: 'alarm',
    alert: 'disk',
    en: [
      'The disk is full. Open operations can finish; new ones are refused.',
      'Free space on the disk of the state directory; selling continues automatically.',
    ],
    de: [
      'Die Platte ist voll: Begonnene Verkäufe werden noch abgeschlossen, neue nicht angenommen.',
      'Platz auf der Platte des Zustandsverzeichnisses schaffen; der Verkauf geht automatisch weiter.',
    ],
    it: [
      'Il disco è pieno: le vendite iniziate si concludono, quelle nuove sono rifiutate.',
      'Liberare spazio sul disco dei dati; la vendita riprende automaticamente.',
    ],
  },
  disk_low: {
    severity: 'warning',
    alert: 'disk',
    en: [
      'The disk is filling up.',
      'Free space on the disk of the state directory (df -h; files: df -i), or move it to a larger one.',
    ],
    de: ['Die Platte wird voll.', 'Platz schaffen (df -h; Dateien: df -i) oder auf eine größere umziehen.'],
    it: ['Il disco si sta riempiendo.', 'Liberare spazio (df -h; file: df -i) o passare a un disco più grande.'],
  },
  disk_slow: {
    severity: 'warning',
    alert: false,
    because: ['disk_full'],
    en: [
      'The disk is slow: every sale waits for it, and no till is answered while it writes.',
      'Look for another program that writes much; replace an SD card or an old disk by an SSD.',
    ],
    de: [
      'Die Platte ist langsam: jeder Verkauf wartet auf sie, und während sie schreibt, bekommt keine Kasse Antwort.',
      'Nach einem Programm suchen, das viel schreibt; SD-Karte oder alte Platte durch eine SSD ersetzen.',
    ],
    it: [
      'Il disco è lento: ogni vendita lo attende e, mentre scrive, nessuna cassa riceve risposta.',
      'Cercare un programma che scrive molto; sostituire la scheda SD o il vecchio disco con un SSD.',
    ],
  },
  backup_disk_missing: {
    severity: 'warning',
    alert: 'backup_disks',
    en: [
      'A folder for copies was on another disk before and is on the disk of the journal now: nothing is written there.',
      'Connect and mount that disk; the agent continues automatically. If it does not come back, name another folder in the configuration.',
    ],
    de: [
      'Ein Ordner für Kopien lag auf einer anderen Platte und liegt jetzt auf der des Journals: dort wird nichts geschrieben.',
      'Den Datenträger einstecken und einhängen; der Agent macht automatisch weiter. Kommt er nicht wieder, in der Konfiguration einen anderen Ordner nennen.',
    ],
    it: [
      'Una cartella per le copie era su un altro disco e ora è su quello del registro: lì non si scrive nulla.',
      "Inserire e montare quel disco; l'agente riprende automaticamente. Se non tornerà, indicare un'altra cartella nella configurazione.",
    ],
  },
  backup_on_same_disk: {
    severity: 'warning',
    alert: 'backup_disks',
    en: [
      'A folder for copies is on the disk of the journal: if that disk fails, both are lost.',
      'Name a folder on another disk or a stick in the configuration.',
    ],
    de: [
      'Ein Ordner für Kopien liegt auf der Platte des Journals: fällt sie aus, ist beides verloren.',
      'In der Konfiguration einen Ordner auf einer anderen Platte oder einem Stick nennen.',
    ],
    it: [
      'Una cartella per le copie è sul disco del registro: se quel disco si guasta, si perde tutto.',
      'Indicare nella configurazione una cartella su un altro disco o una chiavetta.',
    ],
  },
  // The agent.
  journal_damaged: {
    severity: 'alarm',
    alert: 'journal',
    en: [
      'The journal is damaged: new sales are refused.',
      'Stop the agent, keep the disk as it is, restore the last backup on another one: fiskal-edge restore FILE.',
    ],
    de: [
      'Das Journal ist beschädigt: es wird nichts Neues verkauft.',
      'Den Agenten anhalten und die Platte unverändert lassen; die letzte Sicherung auf einer anderen einspielen: fiskal-edge restore FILE.',
    ],
    it: [
      'Il registro elettronico è danneggiato: non si vende nulla di nuovo.',
      "Fermare l'agente, lasciare il disco com'è, ripristinare l'ultima copia su un altro: fiskal-edge restore FILE.",
    ],
  },
  projections_differ: {
    severity: 'alarm',
    alert: 'journal',
    en: [
      'A table of the database differs from the events that it was made from. The agent uses the events.',
      'Copy the state directory and find out who edited it, or whether its disk fails: fiskal-edge journal verify names the row. Then stop the agent and run fiskal-edge journal rebuild.',
    ],
    de: [
      'Eine Tabelle der Datenbank weicht von den Ereignissen ab, aus denen sie entstand. Der Agent verwendet die Ereignisse.',
      'Das Zustandsverzeichnis kopieren und klären, wer es geändert hat oder ob die Platte versagt: fiskal-edge journal verify nennt die Zeile. Dann den Agenten anhalten und fiskal-edge journal rebuild ausführen.',
    ],
    it: [
      'Una tabella del database è diversa dagli eventi da cui è stata creata. L’agente usa gli eventi.',
      "Copiare la directory di stato e chiarire chi l'ha modificata o se il disco è guasto: fiskal-edge journal verify indica la riga. Poi fermare l'agente ed eseguire fiskal-edge journal rebuild.",
    ],
  },
  journal_newer: {
    severity: 'warning',
    alert: false,
    en: [
      'A newer version of the agent has written to this journal. This one continues; it keeps unknown events, and does not show them.',
      'Install the newer version again when it is fixed: fiskal-edge update FILE.',
    ],
    de: [
      'In dieses Journal hat eine neuere Version des Agenten geschrieben. Diese verkauft weiter; Ereignisse, die sie nicht kennt, behält sie und zeigt sie nicht.',
      'Die neuere Version wieder installieren, wenn sie berichtigt ist: fiskal-edge update FILE.',
    ],
    it: [
      'In questo registro ha scritto una versione più recente dell’agente. Questa continua a vendere; conserva gli eventi che non conosce e non li mostra.',
      'Reinstallare la versione più recente quando è corretta: fiskal-edge update FILE.',
    ],
  },
  merchant_missing: {
    severity: 'warning',
    alert: false,
    en: [
      'No shop is set up in this journal.',
      'For a new shop, create its merchant (POST /v1/merchants). If the shop has sold before, stop the agent: its state directory is elsewhere, or its disk is not mounted.',
    ],
    de: [
      'In diesem Journal ist kein Geschäft angelegt.',
      'Neues Geschäft: das Unternehmen anlegen (POST /v1/merchants). Hat das Geschäft schon verkauft: den Agenten anhalten; sein Zustandsverzeichnis liegt woanders, oder seine Platte ist nicht eingehängt.',
    ],
    it: [
      'In questo registro non è configurato alcun negozio.',
      "Negozio nuovo: creare l'esercente (POST /v1/merchants). Se il negozio ha già venduto: fermare l'agente; la sua directory di stato è altrove, o il suo disco non è montato.",
    ],
  },
  journal_held: {
    severity: 'alarm',
    alert: 'journal',
    en: [
      'Another program holds the journal: new sales are refused until it ends its transaction.',
      'End that program: fiskal-edge doctor names it. Selling continues automatically.',
    ],
    de: [
      'Ein anderes Programm sperrt das Journal: Bis es seine Transaktion beendet, wird nichts Neues verkauft.',
      'Dieses Programm beenden: fiskal-edge doctor nennt es. Der Verkauf geht automatisch weiter.',
    ],
    it: [
      'Un altro programma blocca il registro: non si vende nulla di nuovo finché non termina la sua transazione.',
      'Terminare quel programma: fiskal-edge doctor lo indica. La vendita riprende automaticamente.',
    ],
  },
  long_reader: {
    severity: 'warning',
    alert: false,
    en: [
      'Another program has read the journal for more than a minute: its log grows until that program ends.',
      'End that program: fiskal-edge doctor names it. The agent then checkpoints the log automatically.',
    ],
    de: [
      'Ein anderes Programm liest das Journal seit mehr als einer Minute: dessen Log wächst, bis dieses Programm endet.',
      'Dieses Programm beenden: fiskal-edge doctor nennt es. Der Agent leert das Log danach automatisch.',
    ],
    it: [
      'Un altro programma legge il registro da più di un minuto: il suo log cresce finché quel programma non termina.',
      "Terminare quel programma: fiskal-edge doctor lo indica. Poi l'agente svuota il log automaticamente.",
    ],
  },
  clock_implausible: {
    severity: 'alarm',
    alert: 'clock',
    en: ['The clock of this machine has lost its time, was set back, or is years ahead.', CLOCK_REMEDY.en],
    de: ['Die Uhr dieser Maschine hat ihre Zeit verloren, wurde zurückgestellt oder geht Jahre vor.', CLOCK_REMEDY.de],
    it: ["L'orologio di questa macchina ha perso l'ora, è stato portato indietro o è avanti di anni.", CLOCK_REMEDY.it],
  },
  register_key_lost: {
    severity: 'alarm',
    alert: 'device_warnings',
    en: [
      'The AES key of a register in Austria is lost: it can no longer record.',
      'Stop the agent, then fiskal-edge restore FILE --keys-only with a backup that has the keys; without one decommission it (POST /v1/registers/{id}/decommission) and make a new register.',
    ],
    de: [
      'Der AES-Schlüssel einer Kasse in Österreich ist verloren: sie zeichnet nichts mehr auf.',
      'Den Agenten anhalten, dann fiskal-edge restore FILE --keys-only mit einer Sicherung, die die Schlüssel hat; ohne sie eine neue Kasse anlegen.',
    ],
    it: [
      'La chiave AES di una cassa in Austria è perduta: non registra più nulla.',
      'Fermare l’agente, poi fiskal-edge restore FILE --keys-only con una copia che ha le chiavi; senza, creare una nuova cassa.',
    ],
  },
  tls_certificate_not_yet_valid: {
    severity: 'alarm',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'A certificate is not valid yet: it was made while the clock ran ahead, and tills on the network are refused.',
      'Set the clock if it is wrong; else run fiskal-edge doctor: it shows the command for a new certificate.',
    ],
    de: [
      'Ein Zertifikat gilt noch nicht: es wurde bei vorgehender Uhr gemacht, und Kassen im Netz werden abgewiesen.',
      'Die Uhr stellen, wenn sie falsch geht; sonst nennt fiskal-edge doctor es und den Befehl für ein neues.',
    ],
    it: [
      'Un certificato non è ancora valido: fu fatto con l’ora avanti, e le casse in rete sono rifiutate.',
      "Correggere l'ora se è sbagliata; altrimenti fiskal-edge doctor lo indica insieme al comando per farne un altro.",
    ],
  },
  tls_certificate_expiring: {
    severity: 'warning',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'A certificate expires soon: then tills on the network are refused.',
      'Run fiskal-edge doctor: it shows the certificate and the command for a new one.',
    ],
    de: [
      'Ein Zertifikat läuft bald ab: danach werden Kassen im Netz abgewiesen.',
      'fiskal-edge doctor nennt es und den Befehl für ein neues.',
    ],
    it: [
      'Un certificato sta per scadere: poi le casse in rete saranno rifiutate.',
      'fiskal-edge doctor lo indica insieme al comando per farne un altro.',
    ],
  },
  tls_certificate_expired: {
    severity: 'alarm',
    alert: 'certificates',
    because: ['clock_implausible'],
    en: [
      'A certificate has expired: tills on the network are refused.',
      'Run fiskal-edge doctor: it shows the certificate and the command for a new one.',
    ],
    de: [
      'Ein Zertifikat ist abgelaufen: Kassen im Netz werden abgewiesen.',
      'fiskal-edge doctor nennt es und den Befehl für ein neues.',
    ],
    it: [
      'Un certificato è scaduto: le casse in rete sono rifiutate.',
      'fiskal-edge doctor lo indica insieme al comando per farne un altro.',
    ],
  },
  backup_overdue: {
    severity: 'warning',
    alert: 'backups',
    because: ['disk_full', 'journal_damaged'],
    en: [
      'There is no backup of the last two days: a broken disk would lose the sales since then.',
      'Run fiskal-edge backup FILE: it reports the cause. Check "backup" in the configuration, and whether the stick is plugged in.',
    ],
    de: [
      'Seit zwei Tagen gibt es keine Sicherung: Fällt die Platte aus, sind die Verkäufe seither verloren.',
      'fiskal-edge backup FILE nennt die Ursache; „backup“ in der Konfiguration ansehen, und ob der Stick steckt.',
    ],
    it: [
      'Da due giorni non c’è alcuna copia: se il disco si guasta, le vendite da allora sono perse.',
      'fiskal-edge backup FILE dice che cosa non va; guardare "backup" nella configurazione e se la chiavetta è inserita.',
    ],
  },
  session_open_long: {
    severity: 'warning',
    alert: false,
    en: [
      'A session has been open for more than 24 hours.',
      'Count and close it at its till: until then its cash is not checked, and no closing has its receipts.',
    ],
    de: [
      'Eine Kassensitzung ist seit mehr als 24 Stunden offen.',
      'An ihrer Kasse zählen und schließen: bis dahin ist ihr Bargeld nicht geprüft, und kein Abschluss enthält ihre Belege.',
    ],
    it: [
      'Una sessione di cassa è aperta da più di 24 ore.',
      'Contarla e chiuderla alla sua cassa: fino ad allora il contante non è verificato e nessuna chiusura la contiene.',
    ],
  },
  duty_due: {
    severity: 'warning',
    alert: 'duties',
    en: [
      'A duty to the authority is due within three days.',
      'Follow fiskal-edge duty list; then fiskal-edge duty confirm ID.',
    ],
    de: [
      'Eine Pflicht gegenüber der Behörde ist in den nächsten drei Tagen fällig.',
      'Was zu tun ist, zeigt fiskal-edge duty list; danach fiskal-edge duty confirm ID.',
    ],
    it: [
      "Un adempimento verso l'autorità scade entro tre giorni.",
      'fiskal-edge duty list spiega come; poi fiskal-edge duty confirm ID.',
    ],
  },
  alerts_undelivered: {
    severity: 'warning',
    alert: 'alert_delivery',
    en: [
      'A channel for alerts has accepted no message for 24 hours.',
      'Run fiskal-edge alert test: it shows the words of the server. Correct the entry of that channel.',
    ],
    de: [
      'Ein Kanal für Nachrichten hat seit 24 Stunden keine angenommen: über ihn erfährt niemand etwas.',
      'fiskal-edge alert test zeigt die Worte des Servers; den Eintrag dieses Kanals berichtigen.',
    ],
    it: [
      'Un canale per i messaggi non ne accetta da 24 ore: per quella via nessuno viene avvisato.',
      'fiskal-edge alert test mostra le parole del server; correggere la voce di quel canale.',
    ],
  },
  duty_overdue: {
    severity: 'warning',
    alert: 'duties',
    en: [
      'A duty to the authority is open and past its due date.',
      'Follow fiskal-edge duty list; then fiskal-edge duty confirm ID.',
    ],
    de: [
      'Eine Pflicht gegenüber der Behörde ist überfällig.',
      'Was zu tun ist, zeigt fiskal-edge duty list; danach fiskal-edge duty confirm ID.',
    ],
    it: [
      "Un adempimento verso l'autorità è scaduto.",
      'fiskal-edge duty list spiega come; poi fiskal-edge duty confirm ID.',
    ],
  },
  operations_forgotten: {
    severity: 'warning',
    alert: false,
    en: [
      'Operations have been open for more than 24 hours. They block the count and the close of their session.',
      'Complete or void them at their till (GET /v1/operations?status=open). The agent ends none of them.',
    ],
    de: [
      'Seit mehr als 24 Stunden sind Vorgänge offen. Sie verhindern Kassensturz und Kassenschluss.',
      'An ihrer Kasse abschließen oder abbrechen (GET /v1/operations?status=open). Automatisch wird keiner beendet.',
    ],
    it: [
      'Ci sono operazioni aperte da più di 24 ore. Impediscono il conteggio e la chiusura della sessione.',
      'Concluderle o annullarle alla loro cassa (GET /v1/operations?status=open). Nessuna viene terminata automaticamente.',
    ],
  },
} satisfies Readonly<Record<string, WarningText>>
