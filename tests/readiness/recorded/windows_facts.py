"""What the questions of services.readiness.windows_facts give on systems of each version."""

from __future__ import annotations

# Windows Server 2008 R2 SP1, workgroup, no BitLocker feature, PowerShell 2.0.
W2008_R2 = r"""
==account
name=WEB-03\Administrator
sid=S-1-5-21-1085031214-1563985344-725345543-500
admin=True
computer=WEB-03
domain=False
==remote-uac
filter=
lua=1
==space
system=C:
C:=136261398528 98784247808
==disks
disk=0 136365211648 512 IDE Virtual HD ATA Device
part=0 True Installable File System
part=0 False Installable File System
on=C: Disk #0, Partition #1
==bitlocker
!InvalidNamespace Invalid namespace
==zone
zone=GMT Standard Time
minutes=0
fixed=
==restart
==connect
deny=1
san=2
secureboot=
==firewall
current=4
modify=0
on.1=True
on.2=True
on.4=True
rule=28502 True 1/6/445///System
rule=28502 False 6/6/445///System
rule=28502 False 6/6/139///System
rule=34251 False 1/6/135/rpcss//svchost.exe
rule=34251 True 6/6/135/rpcss//svchost.exe
rule=34251 True 6/6/*/winmgmt//svchost.exe
rule=28752 False 2147483647/6/3389/termservice//svchost.exe
==reach
443=10061
9443=silent
"""

# Windows Server 2012, member of a domain, signed in with an account of the domain.
W2012 = r"""
==account
name=CONTOSO\asr-push
sid=S-1-5-21-2052111302-448539723-1343024091-1133
admin=True
computer=WEB-05
domain=True
==remote-uac
filter=
lua=1
==space
system=C:
C:=64315092992 612368384
==disks
disk=0 64424509440 512 SCSI Microsoft Virtual Disk
disk=1 1099511627776 4096 SCSI Microsoft Virtual Disk
part=0 True Installable File System
part=0 False Installable File System
part=1 False Installable File System
on=C: Disk #0, Partition #1
on=E: Disk #1, Partition #0
==bitlocker
C:=0 0
E:=0 0
==zone
zone=W. Europe Standard Time
minutes=60
fixed=
==restart
==connect
deny=0
san=1
secureboot=
==firewall
current=1
modify=1
on.1=True
on.2=True
on.4=True
rule=28502 False 1/6/445///System
rule=28502 True 6/6/445///System
rule=34251 True 1/6/135/rpcss//svchost.exe
rule=34251 True 1/6/*/winmgmt//svchost.exe
rule=28752 True 1/6/3389/termservice//svchost.exe
rule=28752 True 6/6/3389/termservice//svchost.exe
==reach
443=open
9443=open
"""

# Windows Server 2012 R2 with Windows on another disk than the system partition, and a suspended BitLocker.
W2012_R2 = r"""
==account
name=WEB-02\operator
sid=S-1-5-21-1-2-3-1004
admin=False
computer=WEB-02
domain=False
==remote-uac
filter=0
lua=1
==space
system=C:
C:=136261398528 629145600
==disks
disk=0 524288000 512 IDE Virtual HD ATA Device
disk=1 136365211648 512 SCSI Microsoft Virtual Disk
part=0 True Installable File System
part=1 False Installable File System
on=C: Disk #1, Partition #0
==bitlocker
C:=0 1
==zone
zone=W. Europe Standard Time
minutes=60
fixed=1
==restart
pending=HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired
==connect
deny=0
san=4
secureboot=
==firewall
current=6
modify=0
on.1=False
on.2=False
on.4=False
==reach
443=11001
9443=11001
"""

# Windows Server 2016, German: nothing but the partition's name and messages is in the language.
W2016_GERMAN = r"""
==account
name=WEB-07\Administrator
sid=S-1-5-21-1085031214-1563985344-725345543-500
admin=True
computer=WEB-07
domain=False
==remote-uac
filter=1
lua=1
==space
system=C:
C:=136261398528 98784247808
==disks
disk=0 136365211648 512 SCSI Microsoft Virtual Disk
part=0 True GPT: System
part=0 False GPT: Basisdaten
on=C: Datenträger Nr. 0, Partition Nr. 1
==bitlocker
C:=1 1
==zone
zone=W. Europe Standard Time
minutes=60
fixed=
==restart
==connect
deny=0
san=1
secureboot=1
==firewall
!80070005 Zugriff verweigert
==reach
443=open
9443=10060
"""

# Windows Server 2019, Swedish, nothing amiss.
W2019_SWEDISH = r"""
==account
name=WEB-06\Administratör
sid=S-1-5-21-1085031214-1563985344-725345543-500
admin=True
computer=WEB-06
domain=False
==remote-uac
filter=1
lua=1
==space
system=C:
C:=136261398528 98784247808
==disks
disk=0 136365211648 512 SCSI Microsoft Virtual Disk
part=0 True Installerbart filsystem
part=0 False Installerbart filsystem
on=C: Disk nr 0, partition nr 1
==bitlocker
!InvalidNamespace Ogiltig namnrymd
==zone
zone=W. Europe Standard Time
minutes=60
fixed=
==restart
==connect
deny=0
san=1
secureboot=
==firewall
current=2
modify=0
on.1=True
on.2=True
on.4=True
rule=28502 True 2/6/445///System
rule=34251 True 2/6/135/rpcss//svchost.exe
rule=28752 True 2147483647/6/3389/termservice//svchost.exe
==reach
443=open
9443=open
"""
