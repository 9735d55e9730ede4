import type { Translations } from './text.ts'

/** Sentences of `doctor` about the program, its service, the state, the disk, the port, TLS and the clock. */
export const MACHINE_TEXTS: Translations = {
  // The program and its configuration.
  'run "npm ci" in the folder of fiskal-edge': {
    de: '„npm ci“ im Ordner von fiskal-edge ausführen',
    it: 'eseguire "npm ci" nella cartella di fiskal-edge',
  },
  'it brings Node 24': { de: 'das bringt Node 24', it: 'porta Node 24' },
  'is not installed': { de: 'ist nicht installiert', it: 'non è installato' },
  '{} is not installed': { de: '{} ist nicht installiert', it: '{} non è installato' },
  'embedded default: TSE simulator, state in ./state': {
    de: 'eingebaute Vorgabe: simulierte TSE, Zustand in ./state',
    it: 'predefinita: TSE simulata, stato in ./state',
  },
  'correct that file': { de: 'diese Datei berichtigen', it: 'correggere quel file' },
  'repeat the doctor': { de: 'den Aufruf wiederholen', it: 'ripetere il comando' },
  'fiskal-edge config example LAW ({}) shows every key': {
    de: 'fiskal-edge config example LAW ({}) zeigt alle Schlüssel',
    it: 'fiskal-edge config example LAW ({}) mostra tutte le chiavi',
  },
  'correct that key or its file': {
    de: 'diesen Schlüssel oder seine Datei berichtigen',
    it: 'correggere quella chiave o il suo file',
  },
  'mode 0600, owner the user of the agent': {
    de: 'Rechte 0600, Eigentümer der Benutzer des Agenten',
    it: 'permessi 0600, proprietario l’utente dell’agente',
  },
  'install the driver of the vendor, or correct the path': {
    de: 'den Treiber des Herstellers installieren oder den Pfad berichtigen',
    it: 'installare il driver del produttore o correggere il percorso',
  },
  'fiskal-edge {} is half installed': {
    de: 'fiskal-edge {} ist nur halb installiert',
    it: 'fiskal-edge {} è installato a metà',
  },
  'if that fails': { de: 'wenn das misslingt', it: 'se fallisce' },
  'fiskal-edge update FILE finishes it': {
    de: 'fiskal-edge update FILE schließt es ab',
    it: 'fiskal-edge update FILE la completa',
  },
  'see the message and the log of the agent': {
    de: 'die Meldung und das Protokoll des Agenten ansehen',
    it: 'vedere il messaggio e il log dell’agente',
  },
  'process {} ({}) works in {} and does not answer': {
    de: 'Prozess {} ({}) arbeitet in {} und antwortet nicht',
    it: 'il processo {} ({}) lavora in {} e non risponde',
  },
  'it starts, stops or hangs: wait a moment, then {}, or end that process': {
    de: 'er startet, hält an oder hängt: kurz warten, dann {} oder diesen Prozess beenden',
    it: 'si avvia, si ferma o è bloccato: attendere un momento, poi {} o terminare quel processo',
  },
  // The service.
  'own changes belong to "systemctl edit {}"': {
    de: 'eigene Änderungen gehören in „systemctl edit {}“',
    it: 'le proprie modifiche vanno in "systemctl edit {}"',
  },
  'fiskal-edge service install writes the unit again': {
    de: 'fiskal-edge service install schreibt die Unit neu',
    it: 'fiskal-edge service install riscrive la unit',
  },
  '{} was edited ({})': { de: '{} wurde verändert ({})', it: '{} è stata modificata ({})' },
  'the unit does not know this configuration (secrets, addresses, folders)': {
    de: 'die Unit kennt diese Konfiguration nicht (Geheimnisse, Adressen, Ordner)',
    it: 'la unit non conosce questa configurazione (segreti, indirizzi, cartelle)',
  },
  '{} has failed': { de: '{} ist gescheitert', it: '{} è fallito' },
  '{} is in the state {}': { de: '{} ist im Zustand {}', it: '{} è nello stato {}' },
  '{} does not start with the machine': {
    de: '{} startet nicht mit dem Rechner',
    it: '{} non si avvia con la macchina',
  },
  '{} ended {} times on its own': { de: '{} endete {}-mal unerwartet', it: '{} è terminato da solo {} volte' },
  '{} is activating': { de: '{} startet gerade', it: '{} si sta avviando' },
  'wait a moment, then look again': {
    de: 'kurz warten, dann noch einmal prüfen',
    it: 'attendere un momento, poi ricontrollare',
  },
  'it continues automatically once that is fixed': {
    de: 'ist das behoben, geht es automatisch weiter',
    it: 'risolto questo, prosegue automaticamente',
  },
  '{} has too long a name for systemd': {
    de: '{} hat einen zu langen Namen für systemd',
    it: '{} ha un nome troppo lungo per systemd',
  },
  'the agent has to read it itself': { de: 'der Agent muss sie selbst lesen', it: 'l’agente deve leggerlo da sé' },
  'rename it': { de: 'umbenennen', it: 'rinominarlo' },
  '{} is not handed to the agent, because others than root may change {}, and the agent may not read it': {
    de: '{} wird dem Agenten nicht übergeben, weil nicht nur root {} ändern darf, und lesen darf er sie nicht',
    it: '{} non viene passato all’agente, perché non solo root può modificare {}, e l’agente non può leggerlo',
  },
  'move it to /etc/fiskal-edge, correct its key': {
    de: 'nach /etc/fiskal-edge verschieben, den Schlüssel berichtigen',
    it: 'spostarlo in /etc/fiskal-edge, correggere la sua chiave',
  },
  'the agent uses its copy of {}': {
    de: 'der Agent verwendet seine Kopie von {}',
    it: 'l’agente usa la sua copia di {}',
  },
  'put it back': { de: 'zurücklegen', it: 'rimetterlo' },
  'the agent reads it automatically': {
    de: 'der Agent liest sie automatisch',
    it: 'l’agente lo legge automaticamente',
  },
  '{} is not a file': { de: '{} ist keine Datei', it: '{} non è un file' },
  'replace it with a file': { de: 'durch eine Datei ersetzen', it: 'sostituirlo con un file' },
  '{} does not reach the agent': { de: '{} erreicht den Agenten nicht', it: '{} non raggiunge l’agente' },
  'the agent uses a copy of {} of {}': {
    de: 'der Agent verwendet eine Kopie von {} vom {}',
    it: 'l’agente usa una copia di {} del {}',
  },
  // The state and the disk.
  '{} is not a directory': { de: '{} ist kein Verzeichnis', it: '{} non è una directory' },
  'correct "state" in the configuration': {
    de: '„state“ in der Konfiguration berichtigen',
    it: 'correggere "state" nella configurazione',
  },
  '{} belongs to {}, its directory to {}': {
    de: '{} gehört {}, sein Verzeichnis {}',
    it: '{} appartiene a {}, la sua directory a {}',
  },
  '{} belongs to {}': { de: '{} gehört {}', it: '{} appartiene a {}' },
  'repeat as root, or': { de: 'als root wiederholen, oder', it: 'ripetere come root, oppure' },
  'the agent cannot work with it': { de: 'der Agent kann damit nicht arbeiten', it: 'l’agente non può usarlo' },
  '{} is a pipe or a device': { de: '{} ist eine Pipe oder ein Gerät', it: '{} è una pipe o un dispositivo' },
  'a program that opens it waits forever': {
    de: 'ein Programm, das es öffnet, wartet ewig',
    it: 'un programma che lo apre attende per sempre',
  },
  '{} is open to others': { de: '{} ist für andere offen', it: '{} è aperta ad altri' },
  '{} holds no key': { de: '{} enthält keinen Schlüssel', it: '{} non contiene una chiave' },
  '{} is lost': { de: '{} ist verloren', it: '{} è perduto' },
  'PINs, AES keys and data for the tax office cannot be opened': {
    de: 'PINs, AES-Schlüssel und Daten für das Finanzamt sind nicht lesbar',
    it: 'PIN, chiavi AES e dati per il fisco non sono leggibili',
  },
  'the journal cannot be continued under its own name': {
    de: 'das Journal kann nicht unter seinem Namen weitergehen',
    it: 'il registro non può proseguire con il proprio nome',
  },
  'fiskal-edge journal reopen makes a new one, in a new epoch': {
    de: 'fiskal-edge journal reopen macht einen neuen, in einer neuen Epoche',
    it: 'fiskal-edge journal reopen ne crea una nuova, in una nuova epoca',
  },
  'the agent does not start without it': { de: 'ohne ihn startet der Agent nicht', it: 'senza, l’agente non si avvia' },
  'bring it back from a backup': { de: 'aus einer Sicherung zurückholen', it: 'recuperarla da una copia' },
  '{} is in the upper layer of an overlay that is not seen from here': {
    de: '{} liegt in der oberen Schicht eines Overlays, die von hier nicht zu sehen ist',
    it: '{} è nello strato superiore di un overlay che da qui non si vede',
  },
  '{} is on more than {} overlays': { de: '{} liegt auf mehr als {} Overlays', it: '{} è su più di {} overlay' },
  '{} is in memory ({})': { de: '{} liegt im Arbeitsspeicher ({})', it: '{} è in memoria ({})' },
  'a container that is removed takes the journal with it': {
    de: 'wird der Container entfernt, ist das Journal verloren',
    it: 'se il container viene rimosso, il registro è perduto',
  },
  '{} was on another disk before and is on the disk of the journal now': {
    de: '{} lag auf einer anderen Platte und liegt jetzt auf der des Journals',
    it: '{} era su un altro disco e ora è su quello del registro',
  },
  'nothing is written there': { de: 'dorthin wird nichts geschrieben', it: 'non vi si scrive nulla' },
  'plug in and mount that disk, or name another folder in the configuration': {
    de: 'diese Platte anschließen und einhängen oder einen anderen Ordner eintragen',
    it: 'collegare e montare quel disco o indicare un’altra cartella',
  },
  '{} is on the disk of the journal': { de: '{} liegt auf der Platte des Journals', it: '{} è sul disco del registro' },
  'if that disk fails, both are lost': {
    de: 'fällt sie aus, ist beides verloren',
    it: 'se si guasta, entrambi sono perduti',
  },
  'name a folder on another disk or a stick': {
    de: 'einen Ordner auf einer anderen Platte oder einem Stick nennen',
    it: 'indicare una cartella su un altro disco o una chiavetta',
  },
  '{} is on another disk': { de: '{} liegt auf einer anderen Platte', it: '{} è su un altro disco' },
  'cannot be written ({})': { de: 'nicht beschreibbar ({})', it: 'non scrivibile ({})' },
  'The disk may be broken (dmesg): mount it again after fsck, or restore the last backup on another one': {
    de: 'Die Platte ist vielleicht defekt (dmesg): nach fsck wieder einhängen oder die letzte Sicherung auf einer anderen wiederherstellen',
    it: 'Forse il disco è guasto (dmesg): rimontarlo dopo fsck o ripristinare l’ultima copia su un altro',
  },
  'make room on that disk': { de: 'auf dieser Platte Platz schaffen', it: 'liberare spazio su quel disco' },
  'df -h, and df -i for files': { de: 'df -h, für Dateien df -i', it: 'df -h, per i file df -i' },
  'chown or remount {}': {
    de: '{} neu einhängen oder den Eigentümer berichtigen (chown)',
    it: 'rimontare {} o correggerne il proprietario (chown)',
  },
  'free some': { de: 'Platz schaffen', it: 'liberare spazio' },
  'without it nothing can be sold': {
    de: 'ohne Platz kann nicht verkauft werden',
    it: 'senza spazio non si può vendere',
  },
  'but room for {} more files only': {
    de: 'aber nur Platz für {} weitere Dateien',
    it: 'ma posto solo per altri {} file',
  },
  'remove some that are not needed (df -i)': {
    de: 'einige entfernen, die niemand braucht (df -i)',
    it: 'eliminarne alcuni inutili (df -i)',
  },
  'exports and backups need a few, and so does a start': {
    de: 'Exporte, Sicherungen und der Start brauchen einige',
    it: 'esportazioni, copie e avvio ne richiedono alcuni',
  },
  'a year of a busy till takes about 1 GiB': {
    de: 'ein Jahr einer gut besuchten Kasse braucht etwa 1 GiB',
    it: 'un anno di una cassa molto usata occupa circa 1 GiB',
  },
  'no font for {}: boxes on receipts as PDF and PNG': {
    de: 'keine Schrift für {}: Kästchen auf Belegen als PDF und PNG',
    it: 'nessun carattere per {}: quadratini sui documenti PDF e PNG',
  },
  // The port and its names.
  'programs that call localhost may try it first': {
    de: 'Programme, die localhost aufrufen, versuchen sie vielleicht zuerst',
    it: 'i programmi che chiamano localhost possono provarlo per primo',
  },
  'see ip address show lo': { de: 'siehe ip address show lo', it: 'vedere ip address show lo' },
  'this machine does not have {}': { de: 'dieser Rechner hat {} nicht', it: 'questa macchina non ha {}' },
  'until it is restarted the agent is at {}': {
    de: 'bis zum Neustart ist der Agent unter {}',
    it: 'fino al riavvio l’agente è su {}',
  },
  '{} is held by the agent (process {})': {
    de: '{} gehört dem Agenten (Prozess {})',
    it: '{} è dell’agente (processo {})',
  },
  'the agent runs, and {} accepts no connection': {
    de: 'der Agent läuft, und {} nimmt keine Verbindung an',
    it: 'l’agente è attivo e {} non accetta connessioni',
  },
  'correct {}.host (ip address shows what there is)': {
    de: '{}.host berichtigen (ip address zeigt die Adressen)',
    it: 'correggere {}.host (ip address mostra gli indirizzi)',
  },
  '{} is not an address of this machine': {
    de: '{} ist keine Adresse dieses Rechners',
    it: '{} non è un indirizzo di questa macchina',
  },
  '{} needs root': { de: '{} braucht root', it: '{} richiede root' },
  'use a port above 1023 in {}.port': {
    de: 'in {}.port einen Port über 1023 nennen',
    it: 'usare in {}.port una porta oltre 1023',
  },
  '{} cannot be had ({})': { de: '{} ist nicht verfügbar ({})', it: '{} non è disponibile ({})' },
  'correct "{}"': { de: '„{}“ berichtigen', it: 'correggere "{}"' },
  '{} is taken by another program': {
    de: '{} ist von einem anderen Programm belegt',
    it: '{} è occupata da un altro programma',
  },
  '{} is taken by the agent of {} (process {})': {
    de: '{} ist vom Agenten in {} belegt (Prozess {})',
    it: '{} è occupata dall’agente di {} (processo {})',
  },
  '{} is taken by process {} ({})': {
    de: '{} ist von Prozess {} ({}) belegt',
    it: '{} è occupata dal processo {} ({})',
  },
  'stop that program, or change {}.port': {
    de: 'dieses Programm beenden oder {}.port ändern',
    it: 'chiudere quel programma o cambiare {}.port',
  },
  'stop that agent, or change {}.port': {
    de: 'diesen Agenten anhalten oder {}.port ändern',
    it: 'fermare quell’agente o cambiare {}.port',
  },
  'each agent needs its own port': {
    de: 'jeder Agent braucht einen eigenen Port',
    it: 'ogni agente richiede una propria porta',
  },
  "each of this machine's addresses": { de: 'jede Adresse dieses Rechners', it: 'ogni indirizzo di questa macchina' },
  'write "{}" in allowedHosts': { de: '„{}“ in allowedHosts eintragen', it: 'scrivere "{}" in allowedHosts' },
  'tills that call by a name need it in tls.names or allowedHosts': {
    de: 'ein Name, den Kassen aufrufen, gehört in tls.names oder allowedHosts',
    it: 'un nome chiamato dalle casse va in tls.names o allowedHosts',
  },
  // TLS.
  'fiskal-edge tls init --new --out FILE, let each terminal trust it': {
    de: 'fiskal-edge tls init --new --out FILE, jedes Terminal ihm vertrauen lassen',
    it: 'fiskal-edge tls init --new --out FILE, farla accettare da ogni terminale',
  },
  'fiskal-edge tls issue for each': { de: 'fiskal-edge tls issue für jedes', it: 'fiskal-edge tls issue per ciascuno' },
  'made at the next start': { de: 'entsteht beim nächsten Start', it: 'nasce al prossimo avvio' },
  'is "certFile" of "tls" right? Else renew it where it comes from': {
    de: 'stimmt „certFile“ in „tls“? Sonst dort erneuern lassen, wo es herkommt',
    it: '"certFile" di "tls" è giusto? Altrimenti rinnovarlo dove è stato emesso',
  },
  'renew it where it comes from': { de: 'dort erneuern lassen, wo es herkommt', it: 'rinnovarlo dove è stato emesso' },
  '{} cannot be read as a certificate': {
    de: '{} ist nicht als Zertifikat lesbar',
    it: '{} non è leggibile come certificato',
  },
  "the shop's authority is of an earlier version and may sign every name": {
    de: 'die Zertifizierungsstelle des Geschäfts ist von einer früheren Version und darf jeden Namen signieren',
    it: 'l’autorità del negozio è di una versione precedente e può firmare ogni nome',
  },
  "the shop's authority does not permit {}: no till can call there": {
    de: 'die Zertifizierungsstelle des Geschäfts erlaubt {} nicht: keine Kasse kann dort aufrufen',
    it: 'l’autorità del negozio non permette {}: nessuna cassa può chiamare lì',
  },
  'put certificate and key that belong together there': {
    de: 'dort Zertifikat und Schlüssel ablegen, die zusammengehören',
    it: 'mettervi certificato e chiave che si corrispondono',
  },
  'put the certificates of those who issue to the terminals there, each whole': {
    de: 'dort die Zertifikate der Aussteller der Terminals ablegen, jedes vollständig',
    it: 'mettervi i certificati, interi, di chi rilascia quelli dei terminali',
  },
  'else the next start ends': { de: 'sonst bricht der nächste Start ab', it: 'altrimenti il prossimo avvio fallisce' },
  'a running agent takes them within a minute': {
    de: 'ein laufender Agent nimmt sie binnen einer Minute',
    it: 'un agente attivo li prende entro un minuto',
  },
  '{} has expired': { de: '{} ist abgelaufen', it: '{} è scaduto' },
  '{} begins {}': { de: '{} gilt ab {}', it: '{} vale dal {}' },
  'is the clock right? If so': { de: 'geht die Uhr richtig? Wenn ja', it: 'l’orologio è giusto? Se sì' },
  '{}, {} days left': { de: '{}, noch {} Tage', it: '{}, ancora {} giorni' },
  'fiskal-edge tls issue {} --out FOLDER, and take it to that terminal': {
    de: 'fiskal-edge tls issue {} --out FOLDER, dann zu diesem Terminal bringen',
    it: 'fiskal-edge tls issue {} --out FOLDER, poi portarlo a quel terminale',
  },
  'if that terminal no longer exists': {
    de: 'gibt es dieses Terminal nicht mehr',
    it: 'se quel terminale non esiste più',
  },
  'replace {} and its key': { de: '{} und den Schlüssel ersetzen', it: 'sostituire {} e la sua chiave' },
  'no restart is needed': { de: 'ohne Neustart', it: 'senza riavvio' },
  // The clock.
  'it has lost its time': { de: 'sie hat ihre Zeit verloren', it: 'ha perso l’ora' },
  '{} is before the newest event of the journal ({})': {
    de: '{} liegt vor dem neuesten Ereignis des Journals ({})',
    it: '{} precede l’evento più recente del registro ({})',
  },
  'set it: timedatectl set-ntp true (or timedatectl set-time)': {
    de: 'stellen: timedatectl set-ntp true (oder timedatectl set-time)',
    it: 'regolarlo: timedatectl set-ntp true (o timedatectl set-time)',
  },
  'check the battery of the mainboard': {
    de: 'die Batterie der Hauptplatine prüfen',
    it: 'controllare la batteria della scheda madre',
  },
  'let UDP 123 out, or name a time server of the shop in {} (chrony: chrony.conf)': {
    de: 'UDP 123 nach außen erlauben oder in {} einen Zeitserver nennen (chrony: chrony.conf)',
    it: 'permettere UDP 123 in uscita o indicare un server dell’ora in {} (chrony: chrony.conf)',
  },
  'chrony has no time server that answers': {
    de: 'kein Zeitserver von chrony antwortet',
    it: 'nessun server dell’ora di chrony risponde',
  },
  'the clock is synchronised by chrony': { de: 'chrony stellt die Uhr', it: 'chrony sincronizza l’orologio' },
  'no time server has answered since the start': {
    de: 'seit dem Start hat kein Zeitserver geantwortet',
    it: 'dall’avvio nessun server dell’ora ha risposto',
  },
  'timedatectl set-ntp true (if it refuses: apt-get install systemd-timesyncd)': {
    de: 'timedatectl set-ntp true (wird das abgelehnt: apt-get install systemd-timesyncd)',
    it: 'timedatectl set-ntp true (se rifiuta: apt-get install systemd-timesyncd)',
  },
  'nothing sets this clock': { de: 'niemand stellt diese Uhr', it: 'nulla regola questo orologio' },
  'it runs away by seconds a day': { de: 'sie geht täglich um Sekunden falsch', it: 'sbaglia di secondi al giorno' },
}
