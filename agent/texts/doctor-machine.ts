import type { Translations } from './text.ts'

/** Sentences of `doctor` about the program, its service, the state, the disk, the port, TLS and the clock. */
export const MACHINE_TEXTS: Translations = {
  // The program and its configuration.
  'run "npm ci" in the folder of fiskal-edge': [
    '„npm ci“ im Ordner von fiskal-edge ausführen',
    'eseguire "npm ci" nella cartella di fiskal-edge',
  ],
  'it brings Node 24': ['das bringt Node 24', 'porta Node 24'],
  'is not installed': ['ist nicht installiert', 'non è installato'],
  '{} is not installed': ['{} ist nicht installiert', '{} non è installato'],
  'embedded default: TSE simulator, state in ./state': [
    'eingebaute Vorgabe: simulierte TSE, Zustand in ./state',
    'predefinita: TSE simulata, stato in ./state',
  ],
  'correct that file': ['diese Datei berichtigen', 'correggere quel file'],
  'repeat the doctor': ['den Aufruf wiederholen', 'ripetere il comando'],
  'fiskal-edge config example LAW ({}) shows every key': [
    'fiskal-edge config example LAW ({}) zeigt alle Schlüssel',
    'fiskal-edge config example LAW ({}) mostra tutte le chiavi',
  ],
  'correct that key or its file': [
    'diesen Schlüssel oder seine Datei berichtigen',
    'correggere quella chiave o il suo file',
  ],
  'mode 0600, owner the user of the agent': [
    'Rechte 0600, Eigentümer der Benutzer des Agenten',
    'permessi 0600, proprietario l’utente dell’agente',
  ],
  'install the driver of the vendor, or correct the path': [
    'den Treiber des Herstellers installieren oder den Pfad berichtigen',
    'installare il driver del produttore o correggere il percorso',
  ],
  'fiskal-edge {} is half installed': ['fiskal-edge {} ist nur halb installiert', 'fiskal-edge {} è installato a metà'],
  'if that fails': ['wenn das misslingt', 'se fallisce'],
  'fiskal-edge update FILE finishes it': [
    'fiskal-edge update FILE schließt es ab',
    'fiskal-edge update FILE la completa',
  ],
  'see the message and the log of the agent': [
    'die Meldung und das Protokoll des Agenten ansehen',
    'vedere il messaggio e il log dell’agente',
  ],
  'process {} ({}) works in {} and does not answer': [
    'Prozess {} ({}) arbeitet in {} und antwortet nicht',
    'il processo {} ({}) lavora in {} e non risponde',
  ],
  'it starts, stops or hangs: wait a moment, then {}, or end that process': [
    'er startet, hält an oder hängt: kurz warten, dann {} oder diesen Prozess beenden',
    'si avvia, si ferma o è bloccato: attendere un momento, poi {} o terminare quel processo',
  ],
  // The service.
  'own changes belong to "systemctl edit {}"': [
    'eigene Änderungen gehören in „systemctl edit {}“',
    'le proprie modifiche vanno in "systemctl edit {}"',
  ],
  'fiskal-edge service install writes the unit again': [
    'fiskal-edge service install schreibt die Unit neu',
    'fiskal-edge service install riscrive la unit',
  ],
  '{} was edited ({})': ['{} wurde verändert ({})', '{} è stata modificata ({})'],
  'the unit does not know this configuration (secrets, addresses, folders)': [
    'die Unit kennt diese Konfiguration nicht (Geheimnisse, Adressen, Ordner)',
    'la unit non conosce questa configurazione (segreti, indirizzi, cartelle)',
  ],
  '{} has failed': ['{} ist gescheitert', '{} è fallito'],
  '{} is in the state {}': ['{} ist im Zustand {}', '{} è nello stato {}'],
  '{} does not start with the machine': ['{} startet nicht mit dem Rechner', '{} non si avvia con la macchina'],
  '{} ended {} times on its own': ['{} endete {}-mal unerwartet', '{} è terminato da solo {} volte'],
  '{} is activating': ['{} startet gerade', '{} si sta avviando'],
  'wait a moment, then look again': ['kurz warten, dann noch einmal prüfen', 'attendere un momento, poi ricontrollare'],
  'it continues automatically once that is fixed': [
    'ist das behoben, geht es automatisch weiter',
    'risolto questo, prosegue automaticamente',
  ],
  '{} has too long a name for systemd': [
    '{} hat einen zu langen Namen für systemd',
    '{} ha un nome troppo lungo per systemd',
  ],
  'the agent has to read it itself': ['der Agent muss sie selbst lesen', 'l’agente deve leggerlo da sé'],
  'rename it': ['umbenennen', 'rinominarlo'],
  '{} is not handed to the agent, because others than root may change {}, and the agent may not read it': [
    '{} wird dem Agenten nicht übergeben, weil nicht nur root {} ändern darf, und lesen darf er sie nicht',
    '{} non viene passato all’agente, perché non solo root può modificare {}, e l’agente non può leggerlo',
  ],
  'move it to /etc/fiskal-edge, correct its key': [
    'nach /etc/fiskal-edge verschieben, den Schlüssel berichtigen',
    'spostarlo in /etc/fiskal-edge, correggere la sua chiave',
  ],
  'the agent uses its copy of {}': ['der Agent verwendet seine Kopie von {}', 'l’agente usa la sua copia di {}'],
  'put it back': ['zurücklegen', 'rimetterlo'],
  'the agent reads it automatically': ['der Agent liest sie automatisch', 'l’agente lo legge automaticamente'],
  '{} is not a file': ['{} ist keine Datei', '{} non è un file'],
  'replace it with a file': ['durch eine Datei ersetzen', 'sostituirlo con un file'],
  '{} does not reach the agent': ['{} erreicht den Agenten nicht', '{} non raggiunge l’agente'],
  'the agent uses a copy of {} of {}': [
    'der Agent verwendet eine Kopie von {} vom {}',
    'l’agente usa una copia di {} del {}',
  ],
  // The state and the disk.
  '{} is not a directory': ['{} ist kein Verzeichnis', '{} non è una directory'],
  'correct "state" in the configuration': [
    '„state“ in der Konfiguration berichtigen',
    'correggere "state" nella configurazione',
  ],
  '{} belongs to {}, its directory to {}': [
    '{} gehört {}, sein Verzeichnis {}',
    '{} appartiene a {}, la sua directory a {}',
  ],
  '{} belongs to {}': ['{} gehört {}', '{} appartiene a {}'],
  'repeat as root, or': ['als root wiederholen, oder', 'ripetere come root, oppure'],
  'the agent cannot work with it': ['der Agent kann damit nicht arbeiten', 'l’agente non può usarlo'],
  '{} is a pipe or a device': ['{} ist eine Pipe oder ein Gerät', '{} è una pipe o un dispositivo'],
  'a program that opens it waits forever': [
    'ein Programm, das es öffnet, wartet ewig',
    'un programma che lo apre attende per sempre',
  ],
  '{} is open to others': ['{} ist für andere offen', '{} è aperta ad altri'],
  '{} holds no key': ['{} enthält keinen Schlüssel', '{} non contiene una chiave'],
  '{} is lost': ['{} ist verloren', '{} è perduto'],
  'PINs, AES keys and data for the tax office cannot be opened': [
    'PINs, AES-Schlüssel und Daten für das Finanzamt sind nicht lesbar',
    'PIN, chiavi AES e dati per il fisco non sono leggibili',
  ],
  'the journal cannot be continued under its own name': [
    'das Journal kann nicht unter seinem Namen weitergehen',
    'il registro non può proseguire con il proprio nome',
  ],
  'fiskal-edge journal reopen makes a new one, in a new epoch': [
    'fiskal-edge journal reopen macht einen neuen, in einer neuen Epoche',
    'fiskal-edge journal reopen ne crea una nuova, in una nuova epoca',
  ],
  'the agent does not start without it': ['ohne ihn startet der Agent nicht', 'senza, l’agente non si avvia'],
  'bring it back from a backup': ['aus einer Sicherung zurückholen', 'recuperarla da una copia'],
  '{} is in the upper layer of an overlay that is not seen from here': [
    '{} liegt in der oberen Schicht eines Overlays, die von hier nicht zu sehen ist',
    '{} è nello strato superiore di un overlay che da qui non si vede',
  ],
  '{} is on more than {} overlays': ['{} liegt auf mehr als {} Overlays', '{} è su più di {} overlay'],
  '{} is in memory ({})': ['{} liegt im Arbeitsspeicher ({})', '{} è in memoria ({})'],
  'a container that is removed takes the journal with it': [
    'wird der Container entfernt, ist das Journal verloren',
    'se il container viene rimosso, il registro è perduto',
  ],
  '{} was on another disk before and is on the disk of the journal now': [
    '{} lag auf einer anderen Platte und liegt jetzt auf der des Journals',
    '{} era su un altro disco e ora è su quello del registro',
  ],
  'nothing is written there': ['dorthin wird nichts geschrieben', 'non vi si scrive nulla'],
  'plug in and mount that disk, or name another folder in the configuration': [
    'diese Platte anschließen und einhängen oder einen anderen Ordner eintragen',
    'collegare e montare quel disco o indicare un’altra cartella',
  ],
  '{} is on the disk of the journal': ['{} liegt auf der Platte des Journals', '{} è sul disco del registro'],
  'if that disk fails, both are lost': ['fällt sie aus, ist beides verloren', 'se si guasta, entrambi sono perduti'],
  'name a folder on another disk or a stick': [
    'einen Ordner auf einer anderen Platte oder einem Stick nennen',
    'indicare una cartella su un altro disco o una chiavetta',
  ],
  '{} is on another disk': ['{} liegt auf einer anderen Platte', '{} è su un altro disco'],
  'cannot be written ({})': ['nicht beschreibbar ({})', 'non scrivibile ({})'],
  'The disk may be broken (dmesg): mount it again after fsck, or restore the last backup on another one': [
    'Die Platte ist vielleicht defekt (dmesg): nach fsck wieder einhängen oder die letzte Sicherung auf einer anderen wiederherstellen',
    'Forse il disco è guasto (dmesg): rimontarlo dopo fsck o ripristinare l’ultima copia su un altro',
  ],
  'make room on that disk': ['auf dieser Platte Platz schaffen', 'liberare spazio su quel disco'],
  'df -h, and df -i for files': ['df -h, für Dateien df -i', 'df -h, per i file df -i'],
  'chown or remount {}': [
    '{} neu einhängen oder den Eigentümer berichtigen (chown)',
    'rimontare {} o correggerne il proprietario (chown)',
  ],
  'free some': ['Platz schaffen', 'liberare spazio'],
  'without it nothing can be sold': ['ohne Platz kann nicht verkauft werden', 'senza spazio non si può vendere'],
  'but room for {} more files only': ['aber nur Platz für {} weitere Dateien', 'ma posto solo per altri {} file'],
  'remove some that are not needed (df -i)': [
    'einige entfernen, die niemand braucht (df -i)',
    'eliminarne alcuni inutili (df -i)',
  ],
  'exports and backups need a few, and so does a start': [
    'Exporte, Sicherungen und der Start brauchen einige',
    'esportazioni, copie e avvio ne richiedono alcuni',
  ],
  'a year of a busy till takes about 1 GiB': [
    'ein Jahr einer gut besuchten Kasse braucht etwa 1 GiB',
    'un anno di una cassa molto usata occupa circa 1 GiB',
  ],
  'no font for {}: boxes on receipts as PDF and PNG': [
    'keine Schrift für {}: Kästchen auf Belegen als PDF und PNG',
    'nessun carattere per {}: quadratini sui documenti PDF e PNG',
  ],
  // The port and its names.
  'programs that call localhost may try it first': [
    'Programme, die localhost aufrufen, versuchen sie vielleicht zuerst',
    'i programmi che chiamano localhost possono provarlo per primo',
  ],
  'see ip address show lo': ['siehe ip address show lo', 'vedere ip address show lo'],
  'this machine does not have {}': ['dieser Rechner hat {} nicht', 'questa macchina non ha {}'],
  'until it is restarted the agent is at {}': [
    'bis zum Neustart ist der Agent unter {}',
    'fino al riavvio l’agente è su {}',
  ],
  '{} is held by the agent (process {})': ['{} gehört dem Agenten (Prozess {})', '{} è dell’agente (processo {})'],
  'the agent runs, and {} accepts no connection': [
    'der Agent läuft, und {} nimmt keine Verbindung an',
    'l’agente è attivo e {} non accetta connessioni',
  ],
  'correct {}.host (ip address shows what there is)': [
    '{}.host berichtigen (ip address zeigt die Adressen)',
    'correggere {}.host (ip address mostra gli indirizzi)',
  ],
  '{} is not an address of this machine': [
    '{} ist keine Adresse dieses Rechners',
    '{} non è un indirizzo di questa macchina',
  ],
  '{} needs root': ['{} braucht root', '{} richiede root'],
  'use a port above 1023 in {}.port': [
    'in {}.port einen Port über 1023 nennen',
    'usare in {}.port una porta oltre 1023',
  ],
  '{} cannot be had ({})': ['{} ist nicht verfügbar ({})', '{} non è disponibile ({})'],
  'correct "{}"': ['„{}“ berichtigen', 'correggere "{}"'],
  '{} is taken by another program': ['{} ist von einem anderen Programm belegt', '{} è occupata da un altro programma'],
  '{} is taken by the agent of {} (process {})': [
    '{} ist vom Agenten in {} belegt (Prozess {})',
    '{} è occupata dall’agente di {} (processo {})',
  ],
  '{} is taken by process {} ({})': ['{} ist von Prozess {} ({}) belegt', '{} è occupata dal processo {} ({})'],
  'stop that program, or change {}.port': [
    'dieses Programm beenden oder {}.port ändern',
    'chiudere quel programma o cambiare {}.port',
  ],
  'stop that agent, or change {}.port': [
    'diesen Agenten anhalten oder {}.port ändern',
    'fermare quell’agente o cambiare {}.port',
  ],
  'each agent needs its own port': ['jeder Agent braucht einen eigenen Port', 'ogni agente richiede una propria porta'],
  "each of this machine's addresses": ['jede Adresse dieses Rechners', 'ogni indirizzo di questa macchina'],
  'write "{}" in allowedHosts': ['„{}“ in allowedHosts eintragen', 'scrivere "{}" in allowedHosts'],
  'tills that call by a name need it in tls.names or allowedHosts': [
    'ein Name, den Kassen aufrufen, gehört in tls.names oder allowedHosts',
    'un nome chiamato dalle casse va in tls.names o allowedHosts',
  ],
  // TLS.
  'fiskal-edge tls init --new --out FILE, let each terminal trust it': [
    'fiskal-edge tls init --new --out FILE, jedes Terminal ihm vertrauen lassen',
    'fiskal-edge tls init --new --out FILE, farla accettare da ogni terminale',
  ],
  'fiskal-edge tls issue for each': ['fiskal-edge tls issue für jedes', 'fiskal-edge tls issue per ciascuno'],
  'made at the next start': ['entsteht beim nächsten Start', 'nasce al prossimo avvio'],
  'is "certFile" of "tls" right? Else renew it where it comes from': [
    'stimmt „certFile“ in „tls“? Sonst dort erneuern lassen, wo es herkommt',
    '"certFile" di "tls" è giusto? Altrimenti rinnovarlo dove è stato emesso',
  ],
  'renew it where it comes from': ['dort erneuern lassen, wo es herkommt', 'rinnovarlo dove è stato emesso'],
  '{} cannot be read as a certificate': ['{} ist nicht als Zertifikat lesbar', '{} non è leggibile come certificato'],
  "the shop's authority is of an earlier version and may sign every name": [
    'die Zertifizierungsstelle des Geschäfts ist von einer früheren Version und darf jeden Namen signieren',
    'l’autorità del negozio è di una versione precedente e può firmare ogni nome',
  ],
  "the shop's authority does not permit {}: no till can call there": [
    'die Zertifizierungsstelle des Geschäfts erlaubt {} nicht: keine Kasse kann dort aufrufen',
    'l’autorità del negozio non permette {}: nessuna cassa può chiamare lì',
  ],
  'put certificate and key that belong together there': [
    'dort Zertifikat und Schlüssel ablegen, die zusammengehören',
    'mettervi certificato e chiave che si corrispondono',
  ],
  'put the certificates of those who issue to the terminals there, each whole': [
    'dort die Zertifikate der Aussteller der Terminals ablegen, jedes vollständig',
    'mettervi i certificati, interi, di chi rilascia quelli dei terminali',
  ],
  'else the next start ends': ['sonst bricht der nächste Start ab', 'altrimenti il prossimo avvio fallisce'],
  'a running agent takes them within a minute': [
    'ein laufender Agent nimmt sie binnen einer Minute',
    'un agente attivo li prende entro un minuto',
  ],
  '{} has expired': ['{} ist abgelaufen', '{} è scaduto'],
  '{} begins {}': ['{} gilt ab {}', '{} vale dal {}'],
  'is the clock right? If so': ['geht die Uhr richtig? Wenn ja', 'l’orologio è giusto? Se sì'],
  '{}, {} days left': ['{}, noch {} Tage', '{}, ancora {} giorni'],
  'fiskal-edge tls issue {} --out FOLDER, and take it to that terminal': [
    'fiskal-edge tls issue {} --out FOLDER, dann zu diesem Terminal bringen',
    'fiskal-edge tls issue {} --out FOLDER, poi portarlo a quel terminale',
  ],
  'if that terminal no longer exists': ['gibt es dieses Terminal nicht mehr', 'se quel terminale non esiste più'],
  'replace {} and its key': ['{} und den Schlüssel ersetzen', 'sostituire {} e la sua chiave'],
  'no restart is needed': ['ohne Neustart', 'senza riavvio'],
  // The clock.
  'it has lost its time': ['sie hat ihre Zeit verloren', 'ha perso l’ora'],
  '{} is before the newest event of the journal ({})': [
    '{} liegt vor dem neuesten Ereignis des Journals ({})',
    '{} precede l’evento più recente del registro ({})',
  ],
  'set it: timedatectl set-ntp true (or timedatectl set-time)': [
    'stellen: timedatectl set-ntp true (oder timedatectl set-time)',
    'regolarlo: timedatectl set-ntp true (o timedatectl set-time)',
  ],
  'check the battery of the mainboard': [
    'die Batterie der Hauptplatine prüfen',
    'controllare la batteria della scheda madre',
  ],
  'let UDP 123 out, or name a time server of the shop in {} (chrony: chrony.conf)': [
    'UDP 123 nach außen erlauben oder in {} einen Zeitserver nennen (chrony: chrony.conf)',
    'permettere UDP 123 in uscita o indicare un server dell’ora in {} (chrony: chrony.conf)',
  ],
  'chrony has no time server that answers': [
    'kein Zeitserver von chrony antwortet',
    'nessun server dell’ora di chrony risponde',
  ],
  'the clock is synchronised by chrony': ['chrony stellt die Uhr', 'chrony sincronizza l’orologio'],
  'no time server has answered since the start': [
    'seit dem Start hat kein Zeitserver geantwortet',
    'dall’avvio nessun server dell’ora ha risposto',
  ],
  'timedatectl set-ntp true (if it refuses: apt-get install systemd-timesyncd)': [
    'timedatectl set-ntp true (wird das abgelehnt: apt-get install systemd-timesyncd)',
    'timedatectl set-ntp true (se rifiuta: apt-get install systemd-timesyncd)',
  ],
  'nothing sets this clock': ['niemand stellt diese Uhr', 'nulla regola questo orologio'],
  'it runs away by seconds a day': ['sie geht täglich um Sekunden falsch', 'sbaglia di secondi al giorno'],
}
