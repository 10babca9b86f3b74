-- A small database as it was written before schedules had kinds: two models searched three ways, a plan, a replay with
-- its peak minute played query by query, a job of two measurements and one comparison with live load.
PRAGMA application_id = 1213350732;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('V001-definitions');
INSERT INTO grdb_migrations VALUES('V002-measurements');
INSERT INTO grdb_migrations VALUES('V003-searches');
INSERT INTO grdb_migrations VALUES('V004-plans');
INSERT INTO grdb_migrations VALUES('V005-replays');
INSERT INTO grdb_migrations VALUES('V006-views');
INSERT INTO grdb_migrations VALUES('V007-measurement-facts');
INSERT INTO grdb_migrations VALUES('V008-jobs');
INSERT INTO grdb_migrations VALUES('V009-token-figures');
INSERT INTO grdb_migrations VALUES('V010-schedule-groups');
INSERT INTO grdb_migrations VALUES('V011-plan-goals');
INSERT INTO grdb_migrations VALUES('V012-online');
INSERT INTO grdb_migrations VALUES('V013-request-level');
INSERT INTO grdb_migrations VALUES('V027-throughput-comparisons');
INSERT INTO grdb_migrations VALUES('V034-comparison-beside-profile');
INSERT INTO grdb_migrations VALUES('V035-pipelines');
INSERT INTO grdb_migrations VALUES('V036-imports');
CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    processor TEXT NOT NULL,
    cores INTEGER NOT NULL CHECK (cores >= 1),
    memory_bytes REAL NOT NULL CHECK (memory_bytes >= 0 AND memory_bytes < 9e999),
    operating_system TEXT NOT NULL,
    -- Hosts with one fingerprint share measurements; a container changes its name on every start.
    fingerprint TEXT NOT NULL,
    UNIQUE (name, processor, cores, memory_bytes, operating_system, fingerprint)
) STRICT;
INSERT INTO host VALUES(1,'vm','AMD EPYC',2,25276514304.0,'Debian GNU/Linux 12 (bookworm)','AMD EPYC / 2 cores');
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of definition_json.
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    -- SHA-256 of the parts that can change a measurement.
    behaviour_digest TEXT NOT NULL CHECK (length(behaviour_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json))
) STRICT;
INSERT INTO model VALUES(1,'ncf-1k-rows','19cf68b7067c1d3d03c5fc0c3b8bdc0682d4594712fdb0d29e0605a6f444a6cd','70453127f8e5fd78ac65d007369355865562efef7755d3c3a7a3bcf11140e5be','{"graph":{"denseInputWidth":0,"denseLayers":[],"embeddingTables":[{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000},{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[256,256,128,64,64],"taskLayers":[]},"id":"ncf-1k-rows","latencyTarget":{"limit":5000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/ncf.json","title":"Neural collaborative filtering, tables cut to 1k rows"}');
INSERT INTO model VALUES(2,'wnd-1k-rows','e1dd526c3066aa79f310bbedf6aa1d16db622f542fec37e5df5031f9a5de821b','4b0a2d7519f6f4461af770f5efb9bce35b062a9cceec989559f6ca8edbdabe96','{"graph":{"denseInputWidth":512,"denseLayers":[],"embeddingTables":[{"count":27,"dimension":32,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[1024,512,256,1],"taskLayers":[]},"id":"wnd-1k-rows","latencyTarget":{"limit":25000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/wide_and_deep.json","title":"Wide and Deep, tables cut to 1k rows"}');
CREATE TABLE server_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    behaviour_digest TEXT NOT NULL CHECK (length(behaviour_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json))
) STRICT;
INSERT INTO server_type VALUES(1,'this-host','ff1187603d85f9974b8193a370c98a66ef12abe69e52274ac15d572f80937b68','ff859f4ee5ba791fc523e2b35e378dd731a1c8b60c17d653431ae82fc0a14389','{"id":"this-host","isThisHost":true,"memory":{"bandwidth":12000000000,"capacity":25769803776},"power":{"acceleratorIdle":0,"acceleratorPeak":0,"halfLoadFactor":0.7,"hostIdle":6,"hostPeak":20},"processor":{"cores":2,"lastLevelCache":3145728,"peakPerCore":64000000000},"sources":["Assumption, compute: 32 single-precision operations per cycle (AVX2) x 2 GHz a core","Assumption, memory: 6 GB/s and 1.5 MiB of last-level cache a core, the usual share of a two-socket server","Assumption, power: 3 W idle and 10 W busy a core, a whole two-socket server''s watts divided by its cores; watts of this host are estimated from these unless a meter is found","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do"],"title":"The machine at hand"}');
INSERT INTO server_type VALUES(2,'cpu-t1','cc695edd5d52a29a47eb1b263d4090240cdf02557b5b15255010efdc8d8ffab3','1c48dc9b729e2bf0e0738ad414b270212d2770a2e6c2dfd57659e1a4df1dd899','{"id":"cpu-t1","isThisHost":false,"memory":{"bandwidth":136560000000,"capacity":274877906944},"power":{"acceleratorIdle":0,"acceleratorPeak":0,"halfLoadFactor":0.7,"hostIdle":102,"hostPeak":282},"processor":{"cores":20,"lastLevelCache":52428800,"peakPerCore":70400000000},"sources":["Assumption, host power idle: 2 processors x 20 W + 8 DIMMs x 1.5 W + 50 W for board, fans, disks, network and supply losses","Assumption, host power at peak: 2 processors x 85 W TDP + 8 DIMMs x 4 W + 80 W for the rest","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do; the value is not fitted to this machine","Intel product page, Xeon Processor E5-2630 v4: 10 cores, 2.20 GHz base, 25 MB cache, 85 W TDP","E5-2630 v4 peak: 32 single-precision operations per cycle (two AVX2 fused multiply-add units) x 2.2 GHz; that vector code holds the base clock with all cores busy is an assumption","JEDEC DDR4-2133: 2133 MT/s x 8 bytes = 17.07 GB/s a channel; Intel product page, Xeon E5-2630 v4: 4 channels, 68.3 GB/s"],"title":"2 x Xeon E5-2630 v4"}');
INSERT INTO server_type VALUES(3,'cpu-t2-v100','7c4d6ec53537d3a26686e07d344a45742060af2a041a0b40dc4882bd7045c1b7','b5456598a7ea31199c58a23a408cf49507c01529a66f59026595d6a37dae5716','{"accelerator":{"bandwidth":900000000000,"count":1,"hostLink":12000000000,"launchOverhead":10000,"memory":17179869184,"name":"NVIDIA Tesla V100 PCIe 16 GB","peak":14000000000000},"id":"cpu-t2-v100","isThisHost":false,"memory":{"bandwidth":255960000000,"capacity":412316860416},"power":{"acceleratorIdle":30,"acceleratorPeak":250,"halfLoadFactor":0.7,"hostIdle":138,"hostPeak":398},"processor":{"cores":40,"lastLevelCache":57671680,"peakPerCore":121600000000},"sources":["Assumption, host power idle: 2 processors x 30 W + 12 DIMMs x 1.5 W + 60 W for board, fans, disks, network and supply losses","Assumption, host power at peak: 2 processors x 125 W TDP + 12 DIMMs x 4 W + 100 W for the rest","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do; the value is not fitted to this machine","Intel product page, Xeon Gold 6138 Processor: 20 cores, 2.00 GHz base, 27.5 MB cache, two AVX-512 FMA units, 125 W TDP","Gold 6138 peak: 64 single-precision operations per cycle x 1.9 GHz, the AVX-512 turbo clock with all 20 cores active (Intel Xeon Processor Scalable Family Specification Update)","JEDEC DDR4-2666: 2666 MT/s x 8 bytes = 21.33 GB/s a channel; Intel product page, Xeon Gold 6138: 6 channels of DDR4-2666","NVIDIA Tesla V100 PCIe data sheet: 14 TFLOPS single precision, 16 GB HBM2, 900 GB/s, 250 W, PCIe 3.0 x16","Tesla V100 assumptions: 12 GB/s of the 15.75 GB/s of PCIe 3.0 x16 reach the device, 10 us to start a kernel, 30 W idle"],"title":"2 x Xeon Gold 6138, Tesla V100"}');
CREATE TABLE scenario (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json))
) STRICT;
INSERT INTO scenario VALUES(1,'host','1b9a1498db30183647db96119f1c7fdf37e74332ddca5c820b6de9703f78bf34','{"fleet":{"counts":{"this-host":2},"id":"host"},"id":"host","models":[{"graph":{"denseInputWidth":0,"denseLayers":[],"embeddingTables":[{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000},{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[256,256,128,64,64],"taskLayers":[]},"id":"ncf-1k-rows","latencyTarget":{"limit":5000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/ncf.json","title":"Neural collaborative filtering, tables cut to 1k rows"}],"profile":{"batches":[64],"cellDuration":50000000,"confirmationDuration":200000000,"engine":{"name":"null"},"loadFraction":0.6},"replay":{"baseline":"static","gap":0.001,"overProvision":{"initial":0.1,"quantile":0.95,"window":96},"policies":["static","greedy","hercules"],"subject":"hercules"},"search":{"batches":[16,64,256],"method":"gradient","queries":500},"seed":7,"serverTypes":[{"id":"this-host","isThisHost":true,"memory":{"bandwidth":12000000000,"capacity":25769803776},"power":{"acceleratorIdle":0,"acceleratorPeak":0,"halfLoadFactor":0.7,"hostIdle":6,"hostPeak":20},"processor":{"cores":2,"lastLevelCache":3145728,"peakPerCore":64000000000},"sources":["Assumption, compute: 32 single-precision operations per cycle (AVX2) x 2 GHz a core","Assumption, memory: 6 GB/s and 1.5 MiB of last-level cache a core, the usual share of a two-socket server","Assumption, power: 3 W idle and 10 W busy a core, a whole two-socket server''s watts divided by its cores; watts of this host are estimated from these unless a meter is found","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do"],"title":"The machine at hand"}],"title":"One model on the machine at hand","trace":{"interval":900000000000,"intervalCount":25,"loads":{"ncf-1k-rows":[53684.21052631579,54045.112781954886,49819.54887218045,48315.7894736842,47052.63157894737,46315.789473684206,45984.96240601504,45503.75939849624,45578.947368421046,46706.76691729323,45939.84962406015,45819.54887218046,44917.2932330827,44571.428571428565,45759.3984962406,47383.458646616535,47218.045112781954,47323.30827067669,49112.781954887214,49729.32330827067,50706.76691729323,52451.12781954887,56030.075187969924,56210.52631578947,60000]},"name":"short","startUnixSeconds":1717372800}}');
INSERT INTO scenario VALUES(2,'stored','01c86dd5224888fed6155372f2d3ad661b671d798dee2cffabff37126ceed58d','{"fleet":{"counts":{"cpu-t1":20,"cpu-t2-v100":4},"id":"small"},"id":"stored","models":[{"graph":{"denseInputWidth":512,"denseLayers":[],"embeddingTables":[{"count":27,"dimension":32,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[1024,512,256,1],"taskLayers":[]},"id":"wnd-1k-rows","latencyTarget":{"limit":25000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/wide_and_deep.json","title":"Wide and Deep, tables cut to 1k rows"},{"graph":{"denseInputWidth":0,"denseLayers":[],"embeddingTables":[{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000},{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[256,256,128,64,64],"taskLayers":[]},"id":"ncf-1k-rows","latencyTarget":{"limit":5000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/ncf.json","title":"Neural collaborative filtering, tables cut to 1k rows"}],"profile":{"batches":[64,256],"cellDuration":100000000,"confirmationDuration":200000000,"loadFraction":0.6},"replay":{"baseline":"static","gap":0.001,"overProvision":{"initial":0.1,"quantile":0.95,"window":96},"policies":["static","greedy","hercules"],"subject":"hercules"},"search":{"batches":[16,64,256],"method":"random","queries":500},"seed":7,"serverTypes":[{"id":"cpu-t1","isThisHost":false,"memory":{"bandwidth":136560000000,"capacity":274877906944},"power":{"acceleratorIdle":0,"acceleratorPeak":0,"halfLoadFactor":0.7,"hostIdle":102,"hostPeak":282},"processor":{"cores":20,"lastLevelCache":52428800,"peakPerCore":70400000000},"sources":["Assumption, host power idle: 2 processors x 20 W + 8 DIMMs x 1.5 W + 50 W for board, fans, disks, network and supply losses","Assumption, host power at peak: 2 processors x 85 W TDP + 8 DIMMs x 4 W + 80 W for the rest","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do; the value is not fitted to this machine","Intel product page, Xeon Processor E5-2630 v4: 10 cores, 2.20 GHz base, 25 MB cache, 85 W TDP","E5-2630 v4 peak: 32 single-precision operations per cycle (two AVX2 fused multiply-add units) x 2.2 GHz; that vector code holds the base clock with all cores busy is an assumption","JEDEC DDR4-2133: 2133 MT/s x 8 bytes = 17.07 GB/s a channel; Intel product page, Xeon E5-2630 v4: 4 channels, 68.3 GB/s"],"title":"2 x Xeon E5-2630 v4"},{"accelerator":{"bandwidth":900000000000,"count":1,"hostLink":12000000000,"launchOverhead":10000,"memory":17179869184,"name":"NVIDIA Tesla V100 PCIe 16 GB","peak":14000000000000},"id":"cpu-t2-v100","isThisHost":false,"memory":{"bandwidth":255960000000,"capacity":412316860416},"power":{"acceleratorIdle":30,"acceleratorPeak":250,"halfLoadFactor":0.7,"hostIdle":138,"hostPeak":398},"processor":{"cores":40,"lastLevelCache":57671680,"peakPerCore":121600000000},"sources":["Assumption, host power idle: 2 processors x 30 W + 12 DIMMs x 1.5 W + 60 W for board, fans, disks, network and supply losses","Assumption, host power at peak: 2 processors x 125 W TDP + 12 DIMMs x 4 W + 100 W for the rest","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do; the value is not fitted to this machine","Intel product page, Xeon Gold 6138 Processor: 20 cores, 2.00 GHz base, 27.5 MB cache, two AVX-512 FMA units, 125 W TDP","Gold 6138 peak: 64 single-precision operations per cycle x 1.9 GHz, the AVX-512 turbo clock with all 20 cores active (Intel Xeon Processor Scalable Family Specification Update)","JEDEC DDR4-2666: 2666 MT/s x 8 bytes = 21.33 GB/s a channel; Intel product page, Xeon Gold 6138: 6 channels of DDR4-2666","NVIDIA Tesla V100 PCIe data sheet: 14 TFLOPS single precision, 16 GB HBM2, 900 GB/s, 250 W, PCIe 3.0 x16","Tesla V100 assumptions: 12 GB/s of the 15.75 GB/s of PCIe 3.0 x16 reach the device, 10 us to start a kernel, 30 W idle"],"title":"2 x Xeon Gold 6138, Tesla V100"}],"title":"Two models for half a day","trace":{"interval":900000000000,"intervalCount":25,"loads":{"ncf-1k-rows":[53684.21052631579,54045.112781954886,49819.54887218045,48315.7894736842,47052.63157894737,46315.789473684206,45984.96240601504,45503.75939849624,45578.947368421046,46706.76691729323,45939.84962406015,45819.54887218046,44917.2932330827,44571.428571428565,45759.3984962406,47383.458646616535,47218.045112781954,47323.30827067669,49112.781954887214,49729.32330827067,50706.76691729323,52451.12781954887,56030.075187969924,56210.52631578947,60000],"wnd-1k-rows":[789.1077636152954,779.837775202781,744.3028196214755,740.8265739667826,736.5778292777135,740.0540749324063,736.9640787949014,784.0865198918501,829.2777134028581,891.4638856701429,935.1100811123986,981.0737736577829,1015.0637311703359,1064.5036693704133,1108.922363847045,1096.1761297798375,1182.3097721127847,1276.9409038238703,1322.9045963692545,1485.9018926226343,1516.029354963306,1671.3016608729235,1744.6890691386634,1931.2475859405174,2000]},"name":"short","startUnixSeconds":1717372800}}');
INSERT INTO scenario VALUES(3,'stored','cebe29e7f32b7d74f0de2f67c970a548c98dfab2b3463705cb2f82d85c365ccc','{"fleet":{"counts":{"cpu-t1":20,"cpu-t2-v100":4},"id":"small"},"id":"stored","models":[{"graph":{"denseInputWidth":512,"denseLayers":[],"embeddingTables":[{"count":27,"dimension":32,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[1024,512,256,1],"taskLayers":[]},"id":"wnd-1k-rows","latencyTarget":{"limit":25000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/wide_and_deep.json","title":"Wide and Deep, tables cut to 1k rows"},{"graph":{"denseInputWidth":0,"denseLayers":[],"embeddingTables":[{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000},{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[256,256,128,64,64],"taskLayers":[]},"id":"ncf-1k-rows","latencyTarget":{"limit":5000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/ncf.json","title":"Neural collaborative filtering, tables cut to 1k rows"}],"profile":{"batches":[64,256],"cellDuration":100000000,"confirmationDuration":200000000,"loadFraction":0.6},"replay":{"baseline":"static","gap":0.001,"overProvision":{"initial":0.1,"quantile":0.95,"window":96},"policies":["static","greedy","hercules"],"subject":"hercules"},"search":{"batches":[16,64,256],"method":"gradient","queries":500},"seed":7,"serverTypes":[{"id":"cpu-t1","isThisHost":false,"memory":{"bandwidth":136560000000,"capacity":274877906944},"power":{"acceleratorIdle":0,"acceleratorPeak":0,"halfLoadFactor":0.7,"hostIdle":102,"hostPeak":282},"processor":{"cores":20,"lastLevelCache":52428800,"peakPerCore":70400000000},"sources":["Assumption, host power idle: 2 processors x 20 W + 8 DIMMs x 1.5 W + 50 W for board, fans, disks, network and supply losses","Assumption, host power at peak: 2 processors x 85 W TDP + 8 DIMMs x 4 W + 80 W for the rest","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do; the value is not fitted to this machine","Intel product page, Xeon Processor E5-2630 v4: 10 cores, 2.20 GHz base, 25 MB cache, 85 W TDP","E5-2630 v4 peak: 32 single-precision operations per cycle (two AVX2 fused multiply-add units) x 2.2 GHz; that vector code holds the base clock with all cores busy is an assumption","JEDEC DDR4-2133: 2133 MT/s x 8 bytes = 17.07 GB/s a channel; Intel product page, Xeon E5-2630 v4: 4 channels, 68.3 GB/s"],"title":"2 x Xeon E5-2630 v4"},{"accelerator":{"bandwidth":900000000000,"count":1,"hostLink":12000000000,"launchOverhead":10000,"memory":17179869184,"name":"NVIDIA Tesla V100 PCIe 16 GB","peak":14000000000000},"id":"cpu-t2-v100","isThisHost":false,"memory":{"bandwidth":255960000000,"capacity":412316860416},"power":{"acceleratorIdle":30,"acceleratorPeak":250,"halfLoadFactor":0.7,"hostIdle":138,"hostPeak":398},"processor":{"cores":40,"lastLevelCache":57671680,"peakPerCore":121600000000},"sources":["Assumption, host power idle: 2 processors x 30 W + 12 DIMMs x 1.5 W + 60 W for board, fans, disks, network and supply losses","Assumption, host power at peak: 2 processors x 125 W TDP + 12 DIMMs x 4 W + 100 W for the rest","Assumption, half_load_factor 0.7: power rises faster at low utilisation than a straight line, as published SPECpower curves do; the value is not fitted to this machine","Intel product page, Xeon Gold 6138 Processor: 20 cores, 2.00 GHz base, 27.5 MB cache, two AVX-512 FMA units, 125 W TDP","Gold 6138 peak: 64 single-precision operations per cycle x 1.9 GHz, the AVX-512 turbo clock with all 20 cores active (Intel Xeon Processor Scalable Family Specification Update)","JEDEC DDR4-2666: 2666 MT/s x 8 bytes = 21.33 GB/s a channel; Intel product page, Xeon Gold 6138: 6 channels of DDR4-2666","NVIDIA Tesla V100 PCIe data sheet: 14 TFLOPS single precision, 16 GB HBM2, 900 GB/s, 250 W, PCIe 3.0 x16","Tesla V100 assumptions: 12 GB/s of the 15.75 GB/s of PCIe 3.0 x16 reach the device, 10 us to start a kernel, 30 W idle"],"title":"2 x Xeon Gold 6138, Tesla V100"}],"title":"Two models for half a day","trace":{"interval":900000000000,"intervalCount":25,"loads":{"ncf-1k-rows":[53684.21052631579,54045.112781954886,49819.54887218045,48315.7894736842,47052.63157894737,46315.789473684206,45984.96240601504,45503.75939849624,45578.947368421046,46706.76691729323,45939.84962406015,45819.54887218046,44917.2932330827,44571.428571428565,45759.3984962406,47383.458646616535,47218.045112781954,47323.30827067669,49112.781954887214,49729.32330827067,50706.76691729323,52451.12781954887,56030.075187969924,56210.52631578947,60000],"wnd-1k-rows":[789.1077636152954,779.837775202781,744.3028196214755,740.8265739667826,736.5778292777135,740.0540749324063,736.9640787949014,784.0865198918501,829.2777134028581,891.4638856701429,935.1100811123986,981.0737736577829,1015.0637311703359,1064.5036693704133,1108.922363847045,1096.1761297798375,1182.3097721127847,1276.9409038238703,1322.9045963692545,1485.9018926226343,1516.029354963306,1671.3016608729235,1744.6890691386634,1931.2475859405174,2000]},"name":"short","startUnixSeconds":1717372800}}');
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    scenario_id INTEGER NOT NULL REFERENCES scenario (id),
    -- Two's complement: a seed of 2^63 or more reads as a negative number.
    seed INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    started_at_unix_seconds INTEGER NOT NULL,
    finished_at_unix_seconds INTEGER,
    status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed')),
    CHECK ((status = 'running') = (finished_at_unix_seconds IS NULL))
) STRICT;
INSERT INTO run VALUES(1,1,7,'0.1.0',1795915972,NULL,'running');
INSERT INTO run VALUES(2,1,7,'0.1.0',1795915974,NULL,'running');
INSERT INTO run VALUES(3,2,7,'0.1.0',1795916065,NULL,'running');
INSERT INTO run VALUES(4,3,7,'0.1.0',1795916066,NULL,'running');
INSERT INTO run VALUES(5,3,7,'0.1.0',1795916067,NULL,'running');
CREATE TABLE search (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    -- NULL where power was not limited.
    power_budget_watts REAL CHECK (power_budget_watts >= 0 AND power_budget_watts < 9e999),
    method TEXT NOT NULL CHECK (method <> ''),
    -- Everything else that the outcome depends on, as one digest.
    inputs_digest TEXT NOT NULL CHECK (length(inputs_digest) = 64),
    tool_version TEXT NOT NULL,
    searched_at_unix_seconds INTEGER NOT NULL
, stop TEXT NOT NULL DEFAULT 'converged'
    CHECK (stop IN ('running', 'exhausted', 'converged', 'evaluations', 'seconds', 'interrupted'))) STRICT;
INSERT INTO search VALUES(2,3,2,3,0.94999999999999995559,25000000,NULL,'random','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916066,'evaluations');
INSERT INTO search VALUES(4,3,2,2,0.94999999999999995559,25000000,NULL,'random','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916066,'evaluations');
INSERT INTO search VALUES(6,3,1,2,0.94999999999999995559,5000000,NULL,'random','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916066,'evaluations');
INSERT INTO search VALUES(7,3,1,3,0.94999999999999995559,5000000,NULL,'random','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916066,'evaluations');
INSERT INTO search VALUES(10,4,2,2,0.94999999999999995559,10000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916066,'converged');
INSERT INTO search VALUES(11,4,1,2,0.94999999999999995559,10000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916067,'exhausted');
INSERT INTO search VALUES(12,4,2,3,0.94999999999999995559,10000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916067,'converged');
INSERT INTO search VALUES(13,4,1,3,0.94999999999999995559,10000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916067,'exhausted');
INSERT INTO search VALUES(16,5,2,2,0.94999999999999995559,25000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916067,'converged');
INSERT INTO search VALUES(17,5,2,3,0.94999999999999995559,25000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916067,'converged');
INSERT INTO search VALUES(20,5,1,2,0.94999999999999995559,5000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916068,'converged');
INSERT INTO search VALUES(21,5,1,3,0.94999999999999995559,5000000,NULL,'gradient','df64257408c69087926b23c50e23ab91d02d39319963f133e457b18913c0776d','0.1.0',1795916068,'exhausted');
CREATE TABLE efficiency (
    search_id INTEGER PRIMARY KEY REFERENCES search (id) ON DELETE CASCADE,
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT NOT NULL CHECK (power_provenance IN ('metered', 'estimated')),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    evaluations INTEGER NOT NULL CHECK (evaluations >= 0),
    space_size INTEGER NOT NULL CHECK (space_size >= 0)
, sparse_threads INTEGER CHECK (sparse_threads >= 1), sparse_workers INTEGER CHECK (sparse_workers >= 1), hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1)) STRICT;
INSERT INTO efficiency VALUES(2,'sparseDense',4,8,64,814.61420220558784423,387.51379351692531827,'estimated','modelled',6,4611,6,1,NULL);
INSERT INTO efficiency VALUES(4,'sparseDense',6,2,64,265.87471688183586593,202.23166095859693314,'estimated','modelled',6,1077,6,1,NULL);
INSERT INTO efficiency VALUES(6,'sparseDense',6,2,64,1625.0354640232128531,207.39523561879127555,'estimated','modelled',6,1077,6,1,NULL);
INSERT INTO efficiency VALUES(7,'sparseDense',12,1,256,6126.5123353557974041,293.00227477920509501,'estimated','modelled',6,4611,6,4,NULL);
INSERT INTO efficiency VALUES(10,'whole',20,1,64,194.32245625113017694,173.27831703031347387,'estimated','modelled',7,1077,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(11,'whole',20,1,256,6824.7497185677739252,278.66164381458293063,'estimated','modelled',1,1077,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(12,'whole',40,1,64,1419.5992653531575342,382.07564197019019047,'estimated','modelled',10,4611,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(13,'whole',40,1,256,20158.791793839431192,422.23357017008095225,'estimated','modelled',2,4611,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(16,'whole',10,2,256,495.68726786022460828,249.7827154266924765,'estimated','modelled',5,1077,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(17,'whole',40,1,256,2184.7488293313913345,411.21438605824823754,'estimated','modelled',4,4611,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(20,'whole',20,1,256,6177.9977067245117725,267.39038275016008582,'estimated','modelled',3,1077,NULL,NULL,NULL);
INSERT INTO efficiency VALUES(21,'whole',40,1,256,20158.791793839431192,422.23357017008095225,'estimated','modelled',2,4611,NULL,NULL,NULL);
CREATE TABLE evaluation (
    search_id INTEGER NOT NULL REFERENCES search (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')), sparse_threads INTEGER CHECK (sparse_threads >= 1), sparse_workers INTEGER CHECK (sparse_workers >= 1), hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1), uncertainty_fraction REAL
    CHECK (uncertainty_fraction >= 0 AND uncertainty_fraction < 9e999),
    PRIMARY KEY (search_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO evaluation VALUES(2,0,'sparseDense',4,8,64,814.61420220558784423,387.51379351692531827,'modelled',6,1,NULL,NULL);
INSERT INTO evaluation VALUES(2,1,'sparseDense',12,1,256,590.26844482410433558,269.28685165233866881,'modelled',6,4,NULL,NULL);
INSERT INTO evaluation VALUES(2,2,'whole',5,8,64,448.46551349164406018,391.00928699021619649,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(2,3,'hostSparse',8,1,256,461.43182113760019547,394.27246375415376177,'modelled',8,4,NULL,NULL);
INSERT INTO evaluation VALUES(2,4,'hostSparse',8,1,64,137.25973933229766998,273.42095736310631081,'modelled',1,4,NULL,NULL);
INSERT INTO evaluation VALUES(2,5,'hostSparse',4,1,16,0.0,168.0,'modelled',1,4,0.010000000000000000208,NULL);
INSERT INTO evaluation VALUES(4,0,'sparseDense',6,1,16,50.01320659514879452,132.95022937014647368,'modelled',14,1,NULL,NULL);
INSERT INTO evaluation VALUES(4,1,'sparseDense',6,2,64,265.87471688183586593,202.23166095859693314,'modelled',6,1,NULL,NULL);
INSERT INTO evaluation VALUES(4,2,'whole',1,16,16,0.0,102.0,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(4,3,'sparseDense',1,4,256,16.768274451042412209,109.42137239735701825,'modelled',1,2,NULL,NULL);
INSERT INTO evaluation VALUES(4,4,'sparseDense',1,4,64,2.1401664372421547177,103.47666178160544348,'modelled',4,4,NULL,NULL);
INSERT INTO evaluation VALUES(4,5,'sparseDense',8,2,64,151.83271663402251761,169.77418455561732457,'modelled',1,2,NULL,NULL);
INSERT INTO evaluation VALUES(6,0,'sparseDense',6,1,16,177.62644114893998904,124.42459877382300704,'modelled',14,1,NULL,NULL);
INSERT INTO evaluation VALUES(6,1,'sparseDense',6,2,64,1625.0354640232128531,207.39523561879127555,'modelled',6,1,NULL,NULL);
INSERT INTO evaluation VALUES(6,2,'whole',1,16,16,0.0,102.0,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(6,3,'sparseDense',1,4,256,389.47457623001821501,126.63533043369102414,'modelled',1,2,NULL,NULL);
INSERT INTO evaluation VALUES(6,4,'sparseDense',1,4,64,0.0,102.0,'modelled',4,4,NULL,NULL);
INSERT INTO evaluation VALUES(6,5,'sparseDense',8,2,64,1230.0832036782280738,192.07861934034488626,'modelled',1,2,NULL,NULL);
INSERT INTO evaluation VALUES(7,0,'sparseDense',4,8,64,1373.0548651407052603,345.72109754238306322,'modelled',6,1,NULL,NULL);
INSERT INTO evaluation VALUES(7,1,'sparseDense',12,1,256,6126.5123353557974041,293.00227477920509501,'modelled',6,4,NULL,NULL);
INSERT INTO evaluation VALUES(7,2,'whole',5,8,64,1271.8126418719082266,371.04851538770060414,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(7,3,'hostSparse',8,1,256,2907.3151619402315191,408.34560595458486887,'modelled',8,4,NULL,NULL);
INSERT INTO evaluation VALUES(7,4,'hostSparse',8,1,64,998.08643349377871344,363.14906935360102124,'modelled',1,4,NULL,NULL);
INSERT INTO evaluation VALUES(7,5,'hostSparse',4,1,16,0.0,168.0,'modelled',1,4,0.010000000000000000208,NULL);
INSERT INTO evaluation VALUES(10,0,'whole',20,1,64,194.32245625113017694,173.27831703031347387,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(10,1,'sparseDense',4,4,256,133.89289549314923987,154.7179644139895629,'modelled',4,1,NULL,NULL);
INSERT INTO evaluation VALUES(10,2,'whole',19,1,64,171.44163197468645876,165.78263614583170237,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(10,3,'whole',20,1,16,40.385257668852204914,127.24703690954882517,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(10,4,'whole',20,1,256,0.0,102.0,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(10,5,'whole',5,4,256,182.74782941666188662,179.05439745187945277,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(10,6,'whole',18,1,64,150.21769232184419706,158.63598838203586183,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(11,0,'whole',20,1,256,6824.7497185677739252,278.66164381458293063,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,0,'whole',40,1,64,1419.5992653531575342,382.07564197019019047,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,1,'sparseDense',32,1,64,1312.2639287237520875,369.69740095977192595,'modelled',8,1,NULL,NULL);
INSERT INTO evaluation VALUES(12,2,'whole',39,1,64,1373.557324838412569,376.82365522452823825,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,3,'whole',40,1,256,0.0,168.0,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,4,'whole',10,4,256,1229.3445141409840744,382.31485836727460991,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,5,'whole',20,2,64,1112.2132899078876562,383.18538945113459702,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,6,'whole',9,4,256,1069.9053062567650158,360.7648122121081542,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,7,'whole',38,1,64,1326.3429444480104848,371.34811304707881162,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,8,'whole',37,1,64,1278.0914057060647337,365.65592776272410446,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(12,9,'whole',36,1,64,1228.9379901366910416,359.75455616890542388,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(13,0,'whole',40,1,256,20158.791793839431192,422.23357017008095225,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(13,1,'sparseDense',36,1,256,20045.015648787026293,421.05320033754640007,'modelled',4,1,NULL,NULL);
INSERT INTO evaluation VALUES(16,0,'whole',10,2,256,495.68726786022460828,249.7827154266924765,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(16,1,'sparseDense',17,1,64,453.25520827342984375,245.38821900987912271,'modelled',3,1,NULL,NULL);
INSERT INTO evaluation VALUES(16,2,'whole',9,2,256,431.32426576703437604,234.88988406851942158,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(16,3,'whole',10,2,64,397.23480985898595462,251.91943963719893417,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(16,4,'whole',20,1,64,483.22288425725832892,252.51786594453434985,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(17,0,'whole',40,1,256,2184.7488293313913345,411.21438605824823754,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(17,1,'sparseDense',37,1,256,2148.1797212052679243,408.14941121390597798,'modelled',3,1,NULL,NULL);
INSERT INTO evaluation VALUES(17,2,'whole',39,1,256,2127.8855628248884385,406.6447207397732768,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(17,3,'sparseDense',36,1,256,2107.9846126380703025,404.99452137422622399,'modelled',4,1,NULL,NULL);
INSERT INTO evaluation VALUES(20,0,'whole',20,1,256,6177.9977067245117725,267.39038275016008582,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(20,1,'sparseDense',18,1,256,5881.1649614470952658,261.6025215405524591,'modelled',2,1,NULL,NULL);
INSERT INTO evaluation VALUES(20,2,'whole',19,1,256,5817.896620450694172,260.34738398220969202,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(21,0,'whole',40,1,256,20158.791793839431192,422.23357017008095225,'modelled',NULL,NULL,NULL,NULL);
INSERT INTO evaluation VALUES(21,1,'sparseDense',36,1,256,20045.015648787026293,421.05320033754640007,'modelled',4,1,NULL,NULL);
CREATE TABLE search_step (
    search_id INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    evaluation_position INTEGER NOT NULL,
    PRIMARY KEY (search_id, position),
    FOREIGN KEY (search_id, evaluation_position) REFERENCES evaluation (search_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO search_step VALUES(2,0,0);
INSERT INTO search_step VALUES(4,0,0);
INSERT INTO search_step VALUES(4,1,1);
INSERT INTO search_step VALUES(6,0,0);
INSERT INTO search_step VALUES(6,1,1);
INSERT INTO search_step VALUES(7,0,0);
INSERT INTO search_step VALUES(7,1,1);
INSERT INTO search_step VALUES(10,0,0);
INSERT INTO search_step VALUES(11,0,0);
INSERT INTO search_step VALUES(12,0,0);
INSERT INTO search_step VALUES(13,0,0);
INSERT INTO search_step VALUES(16,0,0);
INSERT INTO search_step VALUES(17,0,0);
INSERT INTO search_step VALUES(20,0,0);
INSERT INTO search_step VALUES(21,0,0);
CREATE TABLE plan (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    method TEXT NOT NULL CHECK (method <> ''),
    fleet_name TEXT NOT NULL,
    -- R: the allocation covers (1 + R) times the demand.
    over_provision_fraction REAL NOT NULL
        CHECK (over_provision_fraction > -1 AND over_provision_fraction < 9e999),
    status TEXT NOT NULL CHECK (status IN ('optimal', 'feasible', 'infeasible')),
    objective_watts REAL NOT NULL CHECK (objective_watts >= 0 AND objective_watts < 9e999),
    -- NULL where nothing was proven.
    bound_watts REAL CHECK (bound_watts > -9e999 AND bound_watts < 9e999),
    tool_version TEXT NOT NULL,
    planned_at_unix_seconds INTEGER NOT NULL
, objective_name TEXT NOT NULL DEFAULT 'watts' CHECK (objective_name <> ''), objective_json TEXT CHECK (objective_json IS NULL OR json_valid(objective_json)), route TEXT CHECK (route <> ''), goal_json TEXT CHECK (goal_json IS NULL OR json_valid(goal_json))) STRICT;
INSERT INTO "plan" VALUES(1,5,'hercules','small',0.10000000000000000555,'optimal',2195.0881947453435715,2195.0881925502553713,'0.1.0',1795916068,'watts',NULL,'uncontested','{"constraints":{"leastServers":{},"pinned":[],"priorities":{},"reserved":[]},"rates":{"embodiedGramsPerHour":{},"energyPricePerKilowattHour":0,"facilityFactor":1,"fullness":0.9090909090909091,"gramsPerKilowattHour":0,"idlePowers":{"cpu-t1":102,"cpu-t2-v100":168},"pricesPerHour":{}},"weights":{"watts":1}}');
CREATE TABLE plan_demand (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    load_queries_per_second REAL NOT NULL
        CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    PRIMARY KEY (plan_id, model)
) STRICT, WITHOUT ROWID;
INSERT INTO plan_demand VALUES(1,'ncf-1k-rows',60000.0);
INSERT INTO plan_demand VALUES(1,'wnd-1k-rows',2000.0);
CREATE TABLE plan_fleet (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    server_type TEXT NOT NULL CHECK (server_type <> ''),
    available_servers INTEGER NOT NULL CHECK (available_servers >= 0),
    PRIMARY KEY (plan_id, server_type)
) STRICT, WITHOUT ROWID;
INSERT INTO plan_fleet VALUES(1,'cpu-t1',20);
INSERT INTO plan_fleet VALUES(1,'cpu-t2-v100',4);
CREATE TABLE plan_allocation (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    server_type TEXT NOT NULL,
    servers INTEGER NOT NULL CHECK (servers >= 1),
    -- Of one server, from the efficiency table the planner was given.
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT NOT NULL CHECK (power_provenance IN ('metered', 'estimated')),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    PRIMARY KEY (plan_id, model, server_type),
    FOREIGN KEY (plan_id, server_type) REFERENCES plan_fleet (plan_id, server_type) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO plan_allocation VALUES(1,'ncf-1k-rows','cpu-t1',1,6177.9977067245117725,267.39038275016008582,'estimated','modelled');
INSERT INTO plan_allocation VALUES(1,'ncf-1k-rows','cpu-t2-v100',3,20158.791793839431192,422.23357017008095225,'estimated','modelled');
INSERT INTO plan_allocation VALUES(1,'wnd-1k-rows','cpu-t1',1,495.68726786022460828,249.7827154266924765,'estimated','modelled');
INSERT INTO plan_allocation VALUES(1,'wnd-1k-rows','cpu-t2-v100',1,2184.7488293313913345,411.21438605824823754,'estimated','modelled');
CREATE TABLE plan_shortfall (
    plan_id INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    unserved_queries_per_second REAL NOT NULL
        CHECK (unserved_queries_per_second >= 0 AND unserved_queries_per_second < 9e999),
    PRIMARY KEY (plan_id, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE trace (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    start_unix_seconds INTEGER NOT NULL,
    interval_nanoseconds INTEGER NOT NULL CHECK (interval_nanoseconds > 0),
    interval_count INTEGER NOT NULL CHECK (interval_count >= 1)
) STRICT;
INSERT INTO trace VALUES(1,'short','7255b2c6a834e2794da47c692db272b902757172f6ddbe92590c493bfc08523d',1717372800,900000000000,25);
CREATE TABLE trace_load (
    trace_id INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    interval_position INTEGER NOT NULL CHECK (interval_position >= 0),
    load_queries_per_second REAL NOT NULL
        CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    PRIMARY KEY (trace_id, model, interval_position)
) STRICT, WITHOUT ROWID;
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',0,53684.210526315786411);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',1,54045.112781954885577);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',2,49819.548872180450418);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',3,48315.789473684199037);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',4,47052.631578947366505);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',5,46315.789473684206315);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',6,45984.962406015038142);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',7,45503.759398496236828);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',8,45578.947368421046121);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',9,46706.766917293229199);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',10,45939.849624060152565);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',11,45819.54887218045769);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',12,44917.293233082702498);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',13,44571.428571428565192);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',14,45759.39849624060298);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',15,47383.458646616534678);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',16,47218.04511278195423);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',17,47323.308270676687245);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',18,49112.781954887213941);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',19,49729.323308270671987);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',20,50706.7669172932292);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',21,52451.127819548870319);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',22,56030.075187969923715);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',23,56210.526315789473301);
INSERT INTO trace_load VALUES(1,'ncf-1k-rows',24,60000.0);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',0,789.10776361529542553);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',1,779.83777520278101747);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',2,744.30281962147546437);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',3,740.82657396678257555);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',4,736.57782927771347659);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',5,740.0540749324062517);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',6,736.96407879490141113);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',7,784.08651989185011643);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',8,829.27771340285812585);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',9,891.46388567014287216);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',10,935.11008111239857501);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',11,981.07377365778290819);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',12,1015.0637311703359273);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',13,1064.5036693704132631);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',14,1108.9223638470450623);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',15,1096.176129779837538);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',16,1182.3097721127846852);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',17,1276.9409038238702578);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',18,1322.9045963692544773);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',19,1485.9018926226342501);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',20,1516.0293549633061048);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',21,1671.3016608729235485);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',22,1744.6890691386633989);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',23,1931.2475859405174105);
INSERT INTO trace_load VALUES(1,'wnd-1k-rows',24,2000.0);
CREATE TABLE replay (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    trace_id INTEGER NOT NULL REFERENCES trace (id),
    -- The policy whose savings are the point of the replay.
    subject TEXT NOT NULL,
    -- Everything the outcome depends on; a later replay of the same inputs takes the place of an earlier one.
    inputs_digest TEXT NOT NULL UNIQUE CHECK (length(inputs_digest) = 64),
    seed INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    replayed_at_unix_seconds INTEGER NOT NULL
) STRICT;
INSERT INTO replay VALUES(1,5,1,'hercules','5a91f3300b3f73d9171aab6ae5f3e33dc1c83a45d0b7d48b96f83879ac93fca0',7,'0.1.0',1795916069);
CREATE TABLE replay_efficiency (
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    model TEXT NOT NULL CHECK (model <> ''),
    server_type TEXT NOT NULL CHECK (server_type <> ''),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    power_budget_watts REAL CHECK (power_budget_watts >= 0 AND power_budget_watts < 9e999),
    method TEXT NOT NULL CHECK (method <> ''),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    throughput_queries_per_second REAL NOT NULL
        CHECK (throughput_queries_per_second >= 0 AND throughput_queries_per_second < 9e999),
    power_watts REAL NOT NULL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT NOT NULL CHECK (power_provenance IN ('metered', 'estimated')),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    evaluations INTEGER NOT NULL CHECK (evaluations >= 0),
    space_size INTEGER NOT NULL CHECK (space_size >= 0), sparse_threads INTEGER CHECK (sparse_threads >= 1), sparse_workers INTEGER CHECK (sparse_workers >= 1), hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1),
    PRIMARY KEY (replay_id, model, server_type)
) STRICT, WITHOUT ROWID;
INSERT INTO replay_efficiency VALUES(1,'ncf-1k-rows','cpu-t1',0.94999999999999995559,5000000,NULL,'gradient','whole',20,1,256,6177.9977067245117725,267.39038275016008582,'estimated','modelled',3,1077,NULL,NULL,NULL);
INSERT INTO replay_efficiency VALUES(1,'ncf-1k-rows','cpu-t2-v100',0.94999999999999995559,5000000,NULL,'gradient','whole',40,1,256,20158.791793839431192,422.23357017008095225,'estimated','modelled',2,4611,NULL,NULL,NULL);
INSERT INTO replay_efficiency VALUES(1,'wnd-1k-rows','cpu-t1',0.94999999999999995559,25000000,NULL,'gradient','whole',10,2,256,495.68726786022460828,249.7827154266924765,'estimated','modelled',5,1077,NULL,NULL,NULL);
INSERT INTO replay_efficiency VALUES(1,'wnd-1k-rows','cpu-t2-v100',0.94999999999999995559,25000000,NULL,'gradient','whole',40,1,256,2184.7488293313913345,411.21438605824823754,'estimated','modelled',4,4611,NULL,NULL,NULL);
CREATE TABLE replay_model (
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    PRIMARY KEY (replay_id, position),
    UNIQUE (replay_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO replay_model VALUES(1,0,'ncf-1k-rows');
INSERT INTO replay_model VALUES(1,1,'wnd-1k-rows');
CREATE TABLE replay_server_type (
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    PRIMARY KEY (replay_id, position),
    UNIQUE (replay_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO replay_server_type VALUES(1,0,'cpu-t2-v100');
CREATE TABLE replay_policy (
    id INTEGER PRIMARY KEY,
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    name TEXT NOT NULL CHECK (name <> ''),
    interval_nanoseconds INTEGER NOT NULL CHECK (interval_nanoseconds > 0),
    decision_seconds REAL NOT NULL CHECK (decision_seconds >= 0 AND decision_seconds < 9e999), serving_from_nanoseconds INTEGER,
    UNIQUE (replay_id, position)
) STRICT;
INSERT INTO replay_policy VALUES(1,1,0,'static',900000000000,0.0046708019999999947358,0);
INSERT INTO replay_policy VALUES(2,1,1,'greedy',900000000000,0.00061793500000000044572,0);
INSERT INTO replay_policy VALUES(3,1,2,'hercules',900000000000,0.00068127200000000077799,0);
CREATE TABLE replay_interval (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    provisioned_watts REAL NOT NULL CHECK (provisioned_watts >= 0 AND provisioned_watts < 9e999),
    drawn_watts REAL NOT NULL CHECK (drawn_watts >= 0 AND drawn_watts < 9e999),
    servers INTEGER NOT NULL CHECK (servers >= 0),
    capacity_queries_per_second REAL NOT NULL
        CHECK (capacity_queries_per_second >= 0 AND capacity_queries_per_second < 9e999),
    arrived_queries REAL NOT NULL CHECK (arrived_queries >= 0 AND arrived_queries < 9e999),
    unserved_queries REAL NOT NULL CHECK (unserved_queries >= 0 AND unserved_queries < 9e999),
    plan_status TEXT NOT NULL CHECK (plan_status IN ('optimal', 'feasible', 'infeasible')),
    plan_gap_fraction REAL CHECK (plan_gap_fraction >= 0 AND plan_gap_fraction < 9e999), starting_server_seconds REAL
    CHECK (starting_server_seconds >= 0 AND starting_server_seconds < 9e999), draining_server_seconds REAL
    CHECK (draining_server_seconds >= 0 AND draining_server_seconds < 9e999), idle_server_seconds REAL
    CHECK (idle_server_seconds >= 0 AND idle_server_seconds < 9e999), failed_server_seconds REAL
    CHECK (failed_server_seconds >= 0 AND failed_server_seconds < 9e999), starting_joules REAL
    CHECK (starting_joules >= 0 AND starting_joules < 9e999), dropped_queries REAL
    CHECK (dropped_queries >= 0 AND dropped_queries < 9e999),
    PRIMARY KEY (policy_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO replay_interval VALUES(1,0,1677.915096568491208,1436.8874160982086323,4,62661.124210849688098,49025986.460937969386,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,1,1677.915096568491208,1440.4069825401174966,4,62661.124210849688098,49342455.501441903412,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,2,1677.915096568491208,1383.1601967422600409,4,62661.124210849688098,45507466.522621728478,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,3,1677.915096568491208,1363.808474291280163,4,62661.124210849688098,44150954.442885883151,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,4,1677.915096568491208,1347.4051117789651925,4,62661.124210849688098,43010288.467402569951,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,5,1677.915096568491208,1338.4993808341866951,4,62661.124210849688098,42350259.193754948676,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,6,1677.915096568491208,1333.9831495013595485,4,62661.124210849688098,42049733.836328946055,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,7,1677.915096568491208,1333.1602805287136561,4,62661.124210849688098,41659061.326549276711,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,8,1677.915096568491208,1339.1393693880486353,4,62661.124210849688098,41767402.573641516268,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,9,1677.915096568491208,1360.2857163283792942,4,62661.124210849688098,42838407.722667038442,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,10,1677.915096568491208,1355.4725593011055479,4,62661.124210849688098,42187463.734655298291,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,11,1677.915096568491208,1359.0722302364561073,4,62661.124210849688098,42120560.381254412234,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,12,1677.915096568491208,1351.4772787531342146,4,62661.124210849688098,41339121.267827734352,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,13,1677.915096568491208,1352.6192282434094522,4,62661.124210849688098,41072339.016719080508,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,14,1677.915096568491208,1372.5462226585495955,4,62661.124210849688098,42181488.77407888323,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,15,1677.915096568491208,1391.6091768831661283,4,62661.124210849688098,43631671.298756740987,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,16,1677.915096568491208,1399.1117743977947612,4,62661.124210849688098,43560319.396405264734,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,17,1677.915096568491208,1410.973996203069646,4,62661.124210849688098,43740224.25705050677,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,18,1677.915096568491208,1438.6588790931937182,4,62661.124210849688098,45392117.896130822598,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,19,1677.915096568491208,1464.5798867551955026,4,62661.124210849688098,46093702.68080397695,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,20,1677.915096568491208,1480.2608651853902301,4,62661.124210849688098,47000516.645030878484,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,21,1677.915096568491208,1519.5454484847766707,4,62661.124210849688098,48710186.532379612326,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,22,1677.915096568491208,1572.8512749139674725,4,62661.124210849688098,51997287.831397727133,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,23,1677.915096568491208,1595.8954326927009787,4,62661.124210849688098,52327596.511556990445,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(1,24,1677.915096568491208,1651.3403370192993406,4,62661.124210849688098,55800000.0,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,0,1677.915096568491208,1436.8874160982086323,4,62661.124210849688098,49025986.460937969386,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,1,1677.915096568491208,1440.4069825401174966,4,62661.124210849688098,49342455.501441903412,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,2,1677.915096568491208,1383.1601967422600409,4,62661.124210849688098,45507466.522621728478,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,3,1677.915096568491208,1363.808474291280163,4,62661.124210849688098,44150954.442885883151,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,4,1677.915096568491208,1347.4051117789651925,4,62661.124210849688098,43010288.467402569951,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,5,1677.915096568491208,1338.4993808341866951,4,62661.124210849688098,42350259.193754948676,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,6,1677.915096568491208,1333.9831495013595485,4,62661.124210849688098,42049733.836328946055,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,7,1677.915096568491208,1333.1602805287136561,4,62661.124210849688098,41659061.326549276711,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,8,1677.915096568491208,1339.1393693880486353,4,62661.124210849688098,41767402.573641516268,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,9,1677.915096568491208,1360.2857163283792942,4,62661.124210849688098,42838407.722667038442,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,10,1677.915096568491208,1355.4725593011055479,4,62661.124210849688098,42187463.734655298291,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,11,1677.915096568491208,1359.0722302364561073,4,62661.124210849688098,42120560.381254412234,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,12,1677.915096568491208,1351.4772787531342146,4,62661.124210849688098,41339121.267827734352,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,13,1677.915096568491208,1352.6192282434094522,4,62661.124210849688098,41072339.016719080508,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,14,1677.915096568491208,1372.5462226585495955,4,62661.124210849688098,42181488.77407888323,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,15,1677.915096568491208,1391.6091768831661283,4,62661.124210849688098,43631671.298756740987,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,16,1677.915096568491208,1399.1117743977947612,4,62661.124210849688098,43560319.396405264734,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,17,1677.915096568491208,1410.973996203069646,4,62661.124210849688098,43740224.25705050677,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,18,1677.915096568491208,1438.6588790931937182,4,62661.124210849688098,45392117.896130822598,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,19,1677.915096568491208,1464.5798867551955026,4,62661.124210849688098,46093702.68080397695,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,20,1677.915096568491208,1480.2608651853902301,4,62661.124210849688098,47000516.645030878484,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,21,1677.915096568491208,1519.5454484847766707,4,62661.124210849688098,48710186.532379612326,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,22,1677.915096568491208,1572.8512749139674725,4,62661.124210849688098,51997287.831397727133,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,23,1677.915096568491208,1595.8954326927009787,4,62661.124210849688098,52327596.511556990445,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(2,24,1677.915096568491208,1651.3403370192993406,4,62661.124210849688098,55800000.0,0.0,'feasible',NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,0,1677.915096568491208,1436.8874160982086323,4,62661.124210849688098,49025986.460937969386,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,1,1677.915096568491208,1440.4069825401174966,4,62661.124210849688098,49342455.501441903412,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,2,1677.915096568491208,1383.1601967422600409,4,62661.124210849688098,45507466.522621728478,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,3,1677.915096568491208,1363.808474291280163,4,62661.124210849688098,44150954.442885883151,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,4,1677.915096568491208,1347.4051117789651925,4,62661.124210849688098,43010288.467402569951,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,5,1677.915096568491208,1338.4993808341866951,4,62661.124210849688098,42350259.193754948676,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,6,1677.915096568491208,1333.9831495013595485,4,62661.124210849688098,42049733.836328946055,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,7,1677.915096568491208,1333.1602805287136561,4,62661.124210849688098,41659061.326549276711,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,8,1677.915096568491208,1339.1393693880486353,4,62661.124210849688098,41767402.573641516268,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,9,1677.915096568491208,1360.2857163283792942,4,62661.124210849688098,42838407.722667038442,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,10,1677.915096568491208,1355.4725593011055479,4,62661.124210849688098,42187463.734655298291,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,11,1677.915096568491208,1359.0722302364561073,4,62661.124210849688098,42120560.381254412234,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,12,1677.915096568491208,1351.4772787531342146,4,62661.124210849688098,41339121.267827734352,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,13,1677.915096568491208,1352.6192282434094522,4,62661.124210849688098,41072339.016719080508,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,14,1677.915096568491208,1372.5462226585495955,4,62661.124210849688098,42181488.77407888323,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,15,1677.915096568491208,1391.6091768831661283,4,62661.124210849688098,43631671.298756740987,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,16,1677.915096568491208,1399.1117743977947612,4,62661.124210849688098,43560319.396405264734,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,17,1677.915096568491208,1410.973996203069646,4,62661.124210849688098,43740224.25705050677,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,18,1677.915096568491208,1438.6588790931937182,4,62661.124210849688098,45392117.896130822598,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,19,1677.915096568491208,1464.5798867551955026,4,62661.124210849688098,46093702.68080397695,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,20,1677.915096568491208,1480.2608651853902301,4,62661.124210849688098,47000516.645030878484,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,21,1677.915096568491208,1519.5454484847766707,4,62661.124210849688098,48710186.532379612326,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,22,1677.915096568491208,1572.8512749139674725,4,62661.124210849688098,51997287.831397727133,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,23,1677.915096568491208,1595.8954326927009787,4,62661.124210849688098,52327596.511556990445,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO replay_interval VALUES(3,24,1677.915096568491208,1651.3403370192993406,4,62661.124210849688098,55800000.0,0.0,'optimal',1.000000049272419456e-09,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE replay_load (
    policy_id INTEGER NOT NULL,
    interval_position INTEGER NOT NULL,
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    load_queries_per_second REAL CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    capacity_queries_per_second REAL
        CHECK (capacity_queries_per_second >= 0 AND capacity_queries_per_second < 9e999),
    is_violated INTEGER NOT NULL CHECK (is_violated IN (0, 1)), forecast_queries_per_second REAL
    CHECK (forecast_queries_per_second >= 0 AND forecast_queries_per_second < 9e999),
    PRIMARY KEY (policy_id, interval_position, model_position),
    FOREIGN KEY (policy_id, interval_position) REFERENCES replay_interval (policy_id, position)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO replay_load VALUES(1,0,0,53684.210526315786411,60476.375381518293577,0,53684.210526315786411);
INSERT INTO replay_load VALUES(1,0,1,789.10776361529542553,2184.7488293313913345,0,789.10776361529542553);
INSERT INTO replay_load VALUES(1,1,0,54045.112781954885577,60476.375381518293577,0,53684.210526315786411);
INSERT INTO replay_load VALUES(1,1,1,779.83777520278101747,2184.7488293313913345,0,789.10776361529542553);
INSERT INTO replay_load VALUES(1,2,0,49819.548872180450418,60476.375381518293577,0,54045.112781954885577);
INSERT INTO replay_load VALUES(1,2,1,744.30281962147546437,2184.7488293313913345,0,779.83777520278101747);
INSERT INTO replay_load VALUES(1,3,0,48315.789473684199037,60476.375381518293577,0,49819.548872180450418);
INSERT INTO replay_load VALUES(1,3,1,740.82657396678257555,2184.7488293313913345,0,744.30281962147546437);
INSERT INTO replay_load VALUES(1,4,0,47052.631578947366505,60476.375381518293577,0,48315.789473684199037);
INSERT INTO replay_load VALUES(1,4,1,736.57782927771347659,2184.7488293313913345,0,740.82657396678257555);
INSERT INTO replay_load VALUES(1,5,0,46315.789473684206315,60476.375381518293577,0,47052.631578947366505);
INSERT INTO replay_load VALUES(1,5,1,740.0540749324062517,2184.7488293313913345,0,736.57782927771347659);
INSERT INTO replay_load VALUES(1,6,0,45984.962406015038142,60476.375381518293577,0,46315.789473684206315);
INSERT INTO replay_load VALUES(1,6,1,736.96407879490141113,2184.7488293313913345,0,740.0540749324062517);
INSERT INTO replay_load VALUES(1,7,0,45503.759398496236828,60476.375381518293577,0,45984.962406015038142);
INSERT INTO replay_load VALUES(1,7,1,784.08651989185011643,2184.7488293313913345,0,736.96407879490141113);
INSERT INTO replay_load VALUES(1,8,0,45578.947368421046121,60476.375381518293577,0,45503.759398496236828);
INSERT INTO replay_load VALUES(1,8,1,829.27771340285812585,2184.7488293313913345,0,784.08651989185011643);
INSERT INTO replay_load VALUES(1,9,0,46706.766917293229199,60476.375381518293577,0,45578.947368421046121);
INSERT INTO replay_load VALUES(1,9,1,891.46388567014287216,2184.7488293313913345,0,829.27771340285812585);
INSERT INTO replay_load VALUES(1,10,0,45939.849624060152565,60476.375381518293577,0,46706.766917293229199);
INSERT INTO replay_load VALUES(1,10,1,935.11008111239857501,2184.7488293313913345,0,891.46388567014287216);
INSERT INTO replay_load VALUES(1,11,0,45819.54887218045769,60476.375381518293577,0,45939.849624060152565);
INSERT INTO replay_load VALUES(1,11,1,981.07377365778290819,2184.7488293313913345,0,935.11008111239857501);
INSERT INTO replay_load VALUES(1,12,0,44917.293233082702498,60476.375381518293577,0,45819.54887218045769);
INSERT INTO replay_load VALUES(1,12,1,1015.0637311703359273,2184.7488293313913345,0,981.07377365778290819);
INSERT INTO replay_load VALUES(1,13,0,44571.428571428565192,60476.375381518293577,0,44917.293233082702498);
INSERT INTO replay_load VALUES(1,13,1,1064.5036693704132631,2184.7488293313913345,0,1015.0637311703359273);
INSERT INTO replay_load VALUES(1,14,0,45759.39849624060298,60476.375381518293577,0,44571.428571428565192);
INSERT INTO replay_load VALUES(1,14,1,1108.9223638470450623,2184.7488293313913345,0,1064.5036693704132631);
INSERT INTO replay_load VALUES(1,15,0,47383.458646616534678,60476.375381518293577,0,45759.39849624060298);
INSERT INTO replay_load VALUES(1,15,1,1096.176129779837538,2184.7488293313913345,0,1108.9223638470450623);
INSERT INTO replay_load VALUES(1,16,0,47218.04511278195423,60476.375381518293577,0,47383.458646616534678);
INSERT INTO replay_load VALUES(1,16,1,1182.3097721127846852,2184.7488293313913345,0,1096.176129779837538);
INSERT INTO replay_load VALUES(1,17,0,47323.308270676687245,60476.375381518293577,0,47218.04511278195423);
INSERT INTO replay_load VALUES(1,17,1,1276.9409038238702578,2184.7488293313913345,0,1182.3097721127846852);
INSERT INTO replay_load VALUES(1,18,0,49112.781954887213941,60476.375381518293577,0,47323.308270676687245);
INSERT INTO replay_load VALUES(1,18,1,1322.9045963692544773,2184.7488293313913345,0,1276.9409038238702578);
INSERT INTO replay_load VALUES(1,19,0,49729.323308270671987,60476.375381518293577,0,49112.781954887213941);
INSERT INTO replay_load VALUES(1,19,1,1485.9018926226342501,2184.7488293313913345,0,1322.9045963692544773);
INSERT INTO replay_load VALUES(1,20,0,50706.7669172932292,60476.375381518293577,0,49729.323308270671987);
INSERT INTO replay_load VALUES(1,20,1,1516.0293549633061048,2184.7488293313913345,0,1485.9018926226342501);
INSERT INTO replay_load VALUES(1,21,0,52451.127819548870319,60476.375381518293577,0,50706.7669172932292);
INSERT INTO replay_load VALUES(1,21,1,1671.3016608729235485,2184.7488293313913345,0,1516.0293549633061048);
INSERT INTO replay_load VALUES(1,22,0,56030.075187969923715,60476.375381518293577,0,52451.127819548870319);
INSERT INTO replay_load VALUES(1,22,1,1744.6890691386633989,2184.7488293313913345,0,1671.3016608729235485);
INSERT INTO replay_load VALUES(1,23,0,56210.526315789473301,60476.375381518293577,0,56030.075187969923715);
INSERT INTO replay_load VALUES(1,23,1,1931.2475859405174105,2184.7488293313913345,0,1744.6890691386633989);
INSERT INTO replay_load VALUES(1,24,0,60000.0,60476.375381518293577,0,56210.526315789473301);
INSERT INTO replay_load VALUES(1,24,1,2000.0,2184.7488293313913345,0,1931.2475859405174105);
INSERT INTO replay_load VALUES(2,0,0,53684.210526315786411,60476.375381518293577,0,53684.210526315786411);
INSERT INTO replay_load VALUES(2,0,1,789.10776361529542553,2184.7488293313913345,0,789.10776361529542553);
INSERT INTO replay_load VALUES(2,1,0,54045.112781954885577,60476.375381518293577,0,53684.210526315786411);
INSERT INTO replay_load VALUES(2,1,1,779.83777520278101747,2184.7488293313913345,0,789.10776361529542553);
INSERT INTO replay_load VALUES(2,2,0,49819.548872180450418,60476.375381518293577,0,54045.112781954885577);
INSERT INTO replay_load VALUES(2,2,1,744.30281962147546437,2184.7488293313913345,0,779.83777520278101747);
INSERT INTO replay_load VALUES(2,3,0,48315.789473684199037,60476.375381518293577,0,49819.548872180450418);
INSERT INTO replay_load VALUES(2,3,1,740.82657396678257555,2184.7488293313913345,0,744.30281962147546437);
INSERT INTO replay_load VALUES(2,4,0,47052.631578947366505,60476.375381518293577,0,48315.789473684199037);
INSERT INTO replay_load VALUES(2,4,1,736.57782927771347659,2184.7488293313913345,0,740.82657396678257555);
INSERT INTO replay_load VALUES(2,5,0,46315.789473684206315,60476.375381518293577,0,47052.631578947366505);
INSERT INTO replay_load VALUES(2,5,1,740.0540749324062517,2184.7488293313913345,0,736.57782927771347659);
INSERT INTO replay_load VALUES(2,6,0,45984.962406015038142,60476.375381518293577,0,46315.789473684206315);
INSERT INTO replay_load VALUES(2,6,1,736.96407879490141113,2184.7488293313913345,0,740.0540749324062517);
INSERT INTO replay_load VALUES(2,7,0,45503.759398496236828,60476.375381518293577,0,45984.962406015038142);
INSERT INTO replay_load VALUES(2,7,1,784.08651989185011643,2184.7488293313913345,0,736.96407879490141113);
INSERT INTO replay_load VALUES(2,8,0,45578.947368421046121,60476.375381518293577,0,45503.759398496236828);
INSERT INTO replay_load VALUES(2,8,1,829.27771340285812585,2184.7488293313913345,0,784.08651989185011643);
INSERT INTO replay_load VALUES(2,9,0,46706.766917293229199,60476.375381518293577,0,45578.947368421046121);
INSERT INTO replay_load VALUES(2,9,1,891.46388567014287216,2184.7488293313913345,0,829.27771340285812585);
INSERT INTO replay_load VALUES(2,10,0,45939.849624060152565,60476.375381518293577,0,46706.766917293229199);
INSERT INTO replay_load VALUES(2,10,1,935.11008111239857501,2184.7488293313913345,0,891.46388567014287216);
INSERT INTO replay_load VALUES(2,11,0,45819.54887218045769,60476.375381518293577,0,45939.849624060152565);
INSERT INTO replay_load VALUES(2,11,1,981.07377365778290819,2184.7488293313913345,0,935.11008111239857501);
INSERT INTO replay_load VALUES(2,12,0,44917.293233082702498,60476.375381518293577,0,45819.54887218045769);
INSERT INTO replay_load VALUES(2,12,1,1015.0637311703359273,2184.7488293313913345,0,981.07377365778290819);
INSERT INTO replay_load VALUES(2,13,0,44571.428571428565192,60476.375381518293577,0,44917.293233082702498);
INSERT INTO replay_load VALUES(2,13,1,1064.5036693704132631,2184.7488293313913345,0,1015.0637311703359273);
INSERT INTO replay_load VALUES(2,14,0,45759.39849624060298,60476.375381518293577,0,44571.428571428565192);
INSERT INTO replay_load VALUES(2,14,1,1108.9223638470450623,2184.7488293313913345,0,1064.5036693704132631);
INSERT INTO replay_load VALUES(2,15,0,47383.458646616534678,60476.375381518293577,0,45759.39849624060298);
INSERT INTO replay_load VALUES(2,15,1,1096.176129779837538,2184.7488293313913345,0,1108.9223638470450623);
INSERT INTO replay_load VALUES(2,16,0,47218.04511278195423,60476.375381518293577,0,47383.458646616534678);
INSERT INTO replay_load VALUES(2,16,1,1182.3097721127846852,2184.7488293313913345,0,1096.176129779837538);
INSERT INTO replay_load VALUES(2,17,0,47323.308270676687245,60476.375381518293577,0,47218.04511278195423);
INSERT INTO replay_load VALUES(2,17,1,1276.9409038238702578,2184.7488293313913345,0,1182.3097721127846852);
INSERT INTO replay_load VALUES(2,18,0,49112.781954887213941,60476.375381518293577,0,47323.308270676687245);
INSERT INTO replay_load VALUES(2,18,1,1322.9045963692544773,2184.7488293313913345,0,1276.9409038238702578);
INSERT INTO replay_load VALUES(2,19,0,49729.323308270671987,60476.375381518293577,0,49112.781954887213941);
INSERT INTO replay_load VALUES(2,19,1,1485.9018926226342501,2184.7488293313913345,0,1322.9045963692544773);
INSERT INTO replay_load VALUES(2,20,0,50706.7669172932292,60476.375381518293577,0,49729.323308270671987);
INSERT INTO replay_load VALUES(2,20,1,1516.0293549633061048,2184.7488293313913345,0,1485.9018926226342501);
INSERT INTO replay_load VALUES(2,21,0,52451.127819548870319,60476.375381518293577,0,50706.7669172932292);
INSERT INTO replay_load VALUES(2,21,1,1671.3016608729235485,2184.7488293313913345,0,1516.0293549633061048);
INSERT INTO replay_load VALUES(2,22,0,56030.075187969923715,60476.375381518293577,0,52451.127819548870319);
INSERT INTO replay_load VALUES(2,22,1,1744.6890691386633989,2184.7488293313913345,0,1671.3016608729235485);
INSERT INTO replay_load VALUES(2,23,0,56210.526315789473301,60476.375381518293577,0,56030.075187969923715);
INSERT INTO replay_load VALUES(2,23,1,1931.2475859405174105,2184.7488293313913345,0,1744.6890691386633989);
INSERT INTO replay_load VALUES(2,24,0,60000.0,60476.375381518293577,0,56210.526315789473301);
INSERT INTO replay_load VALUES(2,24,1,2000.0,2184.7488293313913345,0,1931.2475859405174105);
INSERT INTO replay_load VALUES(3,0,0,53684.210526315786411,60476.375381518293577,0,53684.210526315786411);
INSERT INTO replay_load VALUES(3,0,1,789.10776361529542553,2184.7488293313913345,0,789.10776361529542553);
INSERT INTO replay_load VALUES(3,1,0,54045.112781954885577,60476.375381518293577,0,53684.210526315786411);
INSERT INTO replay_load VALUES(3,1,1,779.83777520278101747,2184.7488293313913345,0,789.10776361529542553);
INSERT INTO replay_load VALUES(3,2,0,49819.548872180450418,60476.375381518293577,0,54045.112781954885577);
INSERT INTO replay_load VALUES(3,2,1,744.30281962147546437,2184.7488293313913345,0,779.83777520278101747);
INSERT INTO replay_load VALUES(3,3,0,48315.789473684199037,60476.375381518293577,0,49819.548872180450418);
INSERT INTO replay_load VALUES(3,3,1,740.82657396678257555,2184.7488293313913345,0,744.30281962147546437);
INSERT INTO replay_load VALUES(3,4,0,47052.631578947366505,60476.375381518293577,0,48315.789473684199037);
INSERT INTO replay_load VALUES(3,4,1,736.57782927771347659,2184.7488293313913345,0,740.82657396678257555);
INSERT INTO replay_load VALUES(3,5,0,46315.789473684206315,60476.375381518293577,0,47052.631578947366505);
INSERT INTO replay_load VALUES(3,5,1,740.0540749324062517,2184.7488293313913345,0,736.57782927771347659);
INSERT INTO replay_load VALUES(3,6,0,45984.962406015038142,60476.375381518293577,0,46315.789473684206315);
INSERT INTO replay_load VALUES(3,6,1,736.96407879490141113,2184.7488293313913345,0,740.0540749324062517);
INSERT INTO replay_load VALUES(3,7,0,45503.759398496236828,60476.375381518293577,0,45984.962406015038142);
INSERT INTO replay_load VALUES(3,7,1,784.08651989185011643,2184.7488293313913345,0,736.96407879490141113);
INSERT INTO replay_load VALUES(3,8,0,45578.947368421046121,60476.375381518293577,0,45503.759398496236828);
INSERT INTO replay_load VALUES(3,8,1,829.27771340285812585,2184.7488293313913345,0,784.08651989185011643);
INSERT INTO replay_load VALUES(3,9,0,46706.766917293229199,60476.375381518293577,0,45578.947368421046121);
INSERT INTO replay_load VALUES(3,9,1,891.46388567014287216,2184.7488293313913345,0,829.27771340285812585);
INSERT INTO replay_load VALUES(3,10,0,45939.849624060152565,60476.375381518293577,0,46706.766917293229199);
INSERT INTO replay_load VALUES(3,10,1,935.11008111239857501,2184.7488293313913345,0,891.46388567014287216);
INSERT INTO replay_load VALUES(3,11,0,45819.54887218045769,60476.375381518293577,0,45939.849624060152565);
INSERT INTO replay_load VALUES(3,11,1,981.07377365778290819,2184.7488293313913345,0,935.11008111239857501);
INSERT INTO replay_load VALUES(3,12,0,44917.293233082702498,60476.375381518293577,0,45819.54887218045769);
INSERT INTO replay_load VALUES(3,12,1,1015.0637311703359273,2184.7488293313913345,0,981.07377365778290819);
INSERT INTO replay_load VALUES(3,13,0,44571.428571428565192,60476.375381518293577,0,44917.293233082702498);
INSERT INTO replay_load VALUES(3,13,1,1064.5036693704132631,2184.7488293313913345,0,1015.0637311703359273);
INSERT INTO replay_load VALUES(3,14,0,45759.39849624060298,60476.375381518293577,0,44571.428571428565192);
INSERT INTO replay_load VALUES(3,14,1,1108.9223638470450623,2184.7488293313913345,0,1064.5036693704132631);
INSERT INTO replay_load VALUES(3,15,0,47383.458646616534678,60476.375381518293577,0,45759.39849624060298);
INSERT INTO replay_load VALUES(3,15,1,1096.176129779837538,2184.7488293313913345,0,1108.9223638470450623);
INSERT INTO replay_load VALUES(3,16,0,47218.04511278195423,60476.375381518293577,0,47383.458646616534678);
INSERT INTO replay_load VALUES(3,16,1,1182.3097721127846852,2184.7488293313913345,0,1096.176129779837538);
INSERT INTO replay_load VALUES(3,17,0,47323.308270676687245,60476.375381518293577,0,47218.04511278195423);
INSERT INTO replay_load VALUES(3,17,1,1276.9409038238702578,2184.7488293313913345,0,1182.3097721127846852);
INSERT INTO replay_load VALUES(3,18,0,49112.781954887213941,60476.375381518293577,0,47323.308270676687245);
INSERT INTO replay_load VALUES(3,18,1,1322.9045963692544773,2184.7488293313913345,0,1276.9409038238702578);
INSERT INTO replay_load VALUES(3,19,0,49729.323308270671987,60476.375381518293577,0,49112.781954887213941);
INSERT INTO replay_load VALUES(3,19,1,1485.9018926226342501,2184.7488293313913345,0,1322.9045963692544773);
INSERT INTO replay_load VALUES(3,20,0,50706.7669172932292,60476.375381518293577,0,49729.323308270671987);
INSERT INTO replay_load VALUES(3,20,1,1516.0293549633061048,2184.7488293313913345,0,1485.9018926226342501);
INSERT INTO replay_load VALUES(3,21,0,52451.127819548870319,60476.375381518293577,0,50706.7669172932292);
INSERT INTO replay_load VALUES(3,21,1,1671.3016608729235485,2184.7488293313913345,0,1516.0293549633061048);
INSERT INTO replay_load VALUES(3,22,0,56030.075187969923715,60476.375381518293577,0,52451.127819548870319);
INSERT INTO replay_load VALUES(3,22,1,1744.6890691386633989,2184.7488293313913345,0,1671.3016608729235485);
INSERT INTO replay_load VALUES(3,23,0,56210.526315789473301,60476.375381518293577,0,56030.075187969923715);
INSERT INTO replay_load VALUES(3,23,1,1931.2475859405174105,2184.7488293313913345,0,1744.6890691386633989);
INSERT INTO replay_load VALUES(3,24,0,60000.0,60476.375381518293577,0,56210.526315789473301);
INSERT INTO replay_load VALUES(3,24,1,2000.0,2184.7488293313913345,0,1931.2475859405174105);
CREATE TABLE replay_allocation (
    policy_id INTEGER NOT NULL,
    interval_position INTEGER NOT NULL,
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    server_type_position INTEGER NOT NULL CHECK (server_type_position >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 1),
    PRIMARY KEY (policy_id, interval_position, model_position, server_type_position),
    FOREIGN KEY (policy_id, interval_position) REFERENCES replay_interval (policy_id, position)
        ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO replay_allocation VALUES(1,0,0,0,3);
INSERT INTO replay_allocation VALUES(1,0,1,0,1);
INSERT INTO replay_allocation VALUES(1,1,0,0,3);
INSERT INTO replay_allocation VALUES(1,1,1,0,1);
INSERT INTO replay_allocation VALUES(1,2,0,0,3);
INSERT INTO replay_allocation VALUES(1,2,1,0,1);
INSERT INTO replay_allocation VALUES(1,3,0,0,3);
INSERT INTO replay_allocation VALUES(1,3,1,0,1);
INSERT INTO replay_allocation VALUES(1,4,0,0,3);
INSERT INTO replay_allocation VALUES(1,4,1,0,1);
INSERT INTO replay_allocation VALUES(1,5,0,0,3);
INSERT INTO replay_allocation VALUES(1,5,1,0,1);
INSERT INTO replay_allocation VALUES(1,6,0,0,3);
INSERT INTO replay_allocation VALUES(1,6,1,0,1);
INSERT INTO replay_allocation VALUES(1,7,0,0,3);
INSERT INTO replay_allocation VALUES(1,7,1,0,1);
INSERT INTO replay_allocation VALUES(1,8,0,0,3);
INSERT INTO replay_allocation VALUES(1,8,1,0,1);
INSERT INTO replay_allocation VALUES(1,9,0,0,3);
INSERT INTO replay_allocation VALUES(1,9,1,0,1);
INSERT INTO replay_allocation VALUES(1,10,0,0,3);
INSERT INTO replay_allocation VALUES(1,10,1,0,1);
INSERT INTO replay_allocation VALUES(1,11,0,0,3);
INSERT INTO replay_allocation VALUES(1,11,1,0,1);
INSERT INTO replay_allocation VALUES(1,12,0,0,3);
INSERT INTO replay_allocation VALUES(1,12,1,0,1);
INSERT INTO replay_allocation VALUES(1,13,0,0,3);
INSERT INTO replay_allocation VALUES(1,13,1,0,1);
INSERT INTO replay_allocation VALUES(1,14,0,0,3);
INSERT INTO replay_allocation VALUES(1,14,1,0,1);
INSERT INTO replay_allocation VALUES(1,15,0,0,3);
INSERT INTO replay_allocation VALUES(1,15,1,0,1);
INSERT INTO replay_allocation VALUES(1,16,0,0,3);
INSERT INTO replay_allocation VALUES(1,16,1,0,1);
INSERT INTO replay_allocation VALUES(1,17,0,0,3);
INSERT INTO replay_allocation VALUES(1,17,1,0,1);
INSERT INTO replay_allocation VALUES(1,18,0,0,3);
INSERT INTO replay_allocation VALUES(1,18,1,0,1);
INSERT INTO replay_allocation VALUES(1,19,0,0,3);
INSERT INTO replay_allocation VALUES(1,19,1,0,1);
INSERT INTO replay_allocation VALUES(1,20,0,0,3);
INSERT INTO replay_allocation VALUES(1,20,1,0,1);
INSERT INTO replay_allocation VALUES(1,21,0,0,3);
INSERT INTO replay_allocation VALUES(1,21,1,0,1);
INSERT INTO replay_allocation VALUES(1,22,0,0,3);
INSERT INTO replay_allocation VALUES(1,22,1,0,1);
INSERT INTO replay_allocation VALUES(1,23,0,0,3);
INSERT INTO replay_allocation VALUES(1,23,1,0,1);
INSERT INTO replay_allocation VALUES(1,24,0,0,3);
INSERT INTO replay_allocation VALUES(1,24,1,0,1);
INSERT INTO replay_allocation VALUES(2,0,0,0,3);
INSERT INTO replay_allocation VALUES(2,0,1,0,1);
INSERT INTO replay_allocation VALUES(2,1,0,0,3);
INSERT INTO replay_allocation VALUES(2,1,1,0,1);
INSERT INTO replay_allocation VALUES(2,2,0,0,3);
INSERT INTO replay_allocation VALUES(2,2,1,0,1);
INSERT INTO replay_allocation VALUES(2,3,0,0,3);
INSERT INTO replay_allocation VALUES(2,3,1,0,1);
INSERT INTO replay_allocation VALUES(2,4,0,0,3);
INSERT INTO replay_allocation VALUES(2,4,1,0,1);
INSERT INTO replay_allocation VALUES(2,5,0,0,3);
INSERT INTO replay_allocation VALUES(2,5,1,0,1);
INSERT INTO replay_allocation VALUES(2,6,0,0,3);
INSERT INTO replay_allocation VALUES(2,6,1,0,1);
INSERT INTO replay_allocation VALUES(2,7,0,0,3);
INSERT INTO replay_allocation VALUES(2,7,1,0,1);
INSERT INTO replay_allocation VALUES(2,8,0,0,3);
INSERT INTO replay_allocation VALUES(2,8,1,0,1);
INSERT INTO replay_allocation VALUES(2,9,0,0,3);
INSERT INTO replay_allocation VALUES(2,9,1,0,1);
INSERT INTO replay_allocation VALUES(2,10,0,0,3);
INSERT INTO replay_allocation VALUES(2,10,1,0,1);
INSERT INTO replay_allocation VALUES(2,11,0,0,3);
INSERT INTO replay_allocation VALUES(2,11,1,0,1);
INSERT INTO replay_allocation VALUES(2,12,0,0,3);
INSERT INTO replay_allocation VALUES(2,12,1,0,1);
INSERT INTO replay_allocation VALUES(2,13,0,0,3);
INSERT INTO replay_allocation VALUES(2,13,1,0,1);
INSERT INTO replay_allocation VALUES(2,14,0,0,3);
INSERT INTO replay_allocation VALUES(2,14,1,0,1);
INSERT INTO replay_allocation VALUES(2,15,0,0,3);
INSERT INTO replay_allocation VALUES(2,15,1,0,1);
INSERT INTO replay_allocation VALUES(2,16,0,0,3);
INSERT INTO replay_allocation VALUES(2,16,1,0,1);
INSERT INTO replay_allocation VALUES(2,17,0,0,3);
INSERT INTO replay_allocation VALUES(2,17,1,0,1);
INSERT INTO replay_allocation VALUES(2,18,0,0,3);
INSERT INTO replay_allocation VALUES(2,18,1,0,1);
INSERT INTO replay_allocation VALUES(2,19,0,0,3);
INSERT INTO replay_allocation VALUES(2,19,1,0,1);
INSERT INTO replay_allocation VALUES(2,20,0,0,3);
INSERT INTO replay_allocation VALUES(2,20,1,0,1);
INSERT INTO replay_allocation VALUES(2,21,0,0,3);
INSERT INTO replay_allocation VALUES(2,21,1,0,1);
INSERT INTO replay_allocation VALUES(2,22,0,0,3);
INSERT INTO replay_allocation VALUES(2,22,1,0,1);
INSERT INTO replay_allocation VALUES(2,23,0,0,3);
INSERT INTO replay_allocation VALUES(2,23,1,0,1);
INSERT INTO replay_allocation VALUES(2,24,0,0,3);
INSERT INTO replay_allocation VALUES(2,24,1,0,1);
INSERT INTO replay_allocation VALUES(3,0,0,0,3);
INSERT INTO replay_allocation VALUES(3,0,1,0,1);
INSERT INTO replay_allocation VALUES(3,1,0,0,3);
INSERT INTO replay_allocation VALUES(3,1,1,0,1);
INSERT INTO replay_allocation VALUES(3,2,0,0,3);
INSERT INTO replay_allocation VALUES(3,2,1,0,1);
INSERT INTO replay_allocation VALUES(3,3,0,0,3);
INSERT INTO replay_allocation VALUES(3,3,1,0,1);
INSERT INTO replay_allocation VALUES(3,4,0,0,3);
INSERT INTO replay_allocation VALUES(3,4,1,0,1);
INSERT INTO replay_allocation VALUES(3,5,0,0,3);
INSERT INTO replay_allocation VALUES(3,5,1,0,1);
INSERT INTO replay_allocation VALUES(3,6,0,0,3);
INSERT INTO replay_allocation VALUES(3,6,1,0,1);
INSERT INTO replay_allocation VALUES(3,7,0,0,3);
INSERT INTO replay_allocation VALUES(3,7,1,0,1);
INSERT INTO replay_allocation VALUES(3,8,0,0,3);
INSERT INTO replay_allocation VALUES(3,8,1,0,1);
INSERT INTO replay_allocation VALUES(3,9,0,0,3);
INSERT INTO replay_allocation VALUES(3,9,1,0,1);
INSERT INTO replay_allocation VALUES(3,10,0,0,3);
INSERT INTO replay_allocation VALUES(3,10,1,0,1);
INSERT INTO replay_allocation VALUES(3,11,0,0,3);
INSERT INTO replay_allocation VALUES(3,11,1,0,1);
INSERT INTO replay_allocation VALUES(3,12,0,0,3);
INSERT INTO replay_allocation VALUES(3,12,1,0,1);
INSERT INTO replay_allocation VALUES(3,13,0,0,3);
INSERT INTO replay_allocation VALUES(3,13,1,0,1);
INSERT INTO replay_allocation VALUES(3,14,0,0,3);
INSERT INTO replay_allocation VALUES(3,14,1,0,1);
INSERT INTO replay_allocation VALUES(3,15,0,0,3);
INSERT INTO replay_allocation VALUES(3,15,1,0,1);
INSERT INTO replay_allocation VALUES(3,16,0,0,3);
INSERT INTO replay_allocation VALUES(3,16,1,0,1);
INSERT INTO replay_allocation VALUES(3,17,0,0,3);
INSERT INTO replay_allocation VALUES(3,17,1,0,1);
INSERT INTO replay_allocation VALUES(3,18,0,0,3);
INSERT INTO replay_allocation VALUES(3,18,1,0,1);
INSERT INTO replay_allocation VALUES(3,19,0,0,3);
INSERT INTO replay_allocation VALUES(3,19,1,0,1);
INSERT INTO replay_allocation VALUES(3,20,0,0,3);
INSERT INTO replay_allocation VALUES(3,20,1,0,1);
INSERT INTO replay_allocation VALUES(3,21,0,0,3);
INSERT INTO replay_allocation VALUES(3,21,1,0,1);
INSERT INTO replay_allocation VALUES(3,22,0,0,3);
INSERT INTO replay_allocation VALUES(3,22,1,0,1);
INSERT INTO replay_allocation VALUES(3,23,0,0,3);
INSERT INTO replay_allocation VALUES(3,23,1,0,1);
INSERT INTO replay_allocation VALUES(3,24,0,0,3);
INSERT INTO replay_allocation VALUES(3,24,1,0,1);
CREATE TABLE IF NOT EXISTS "measurement" (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE SET NULL,
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    host_id INTEGER NOT NULL REFERENCES host (id),
    "partition" TEXT NOT NULL CHECK ("partition" IN ('whole', 'sparseDense', 'accelerator', 'hostSparse')),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    purpose TEXT NOT NULL CHECK (purpose <> ''),
    load_pattern TEXT NOT NULL CHECK (load_pattern <> ''),
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    -- How the run was made, as one digest: durations, rates and whatever else decides whether it may be reused.
    settings_digest TEXT NOT NULL CHECK (length(settings_digest) = 64),
    -- Runs made on purpose with the same settings count up from 1; a run made again because the one before was
    -- disturbed has the same repetition and a higher attempt.
    repetition INTEGER NOT NULL DEFAULT 1 CHECK (repetition >= 1),
    attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    offered_queries_per_second REAL
        CHECK (offered_queries_per_second >= 0 AND offered_queries_per_second < 9e999),
    completed_queries_per_second REAL NOT NULL
        CHECK (completed_queries_per_second >= 0 AND completed_queries_per_second < 9e999),
    queries INTEGER NOT NULL CHECK (queries >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    -- 'complete': as long as was asked; 'decided': stopped when the tail's interval had decided the question;
    -- 'overloaded': cut short because the backlog showed that the rate cannot be sustained.
    ending TEXT NOT NULL DEFAULT 'complete' CHECK (ending IN ('complete', 'decided', 'overloaded')),
    -- What the run left out at its start, found in its own latencies; NULL where it was not looked for.
    warm_up_nanoseconds INTEGER CHECK (warm_up_nanoseconds >= 0),
    warm_up_queries INTEGER CHECK (warm_up_queries >= 0),
    -- Distributions are compact blobs (Database/README.md has the layout).
    latency_histogram_blob BLOB NOT NULL,
    generator_lateness_histogram_blob BLOB NOT NULL,
    service_samples_blob BLOB NOT NULL,
    -- The histograms' own figures, so that SQL can read them; NULL where nothing was counted.
    latency_mean_nanoseconds INTEGER,
    latency_p50_nanoseconds INTEGER,
    latency_p95_nanoseconds INTEGER,
    latency_p99_nanoseconds INTEGER,
    latency_max_nanoseconds INTEGER,
    -- Queries in one busy period share its delay. So many independent ones would tell the tail as well as these do.
    effective_queries REAL CHECK (effective_queries > 0 AND effective_queries < 9e999),
    generator_lateness_p50_nanoseconds INTEGER,
    generator_lateness_p99_nanoseconds INTEGER,
    generator_lateness_max_nanoseconds INTEGER,
    -- From the moment at which a piece and a thread were both there to the start of the inference.
    dispatch_p50_nanoseconds INTEGER CHECK (dispatch_p50_nanoseconds >= 0),
    dispatch_p99_nanoseconds INTEGER CHECK (dispatch_p99_nanoseconds >= 0),
    -- NULL where the threads are not ours to watch.
    utilisation_fraction REAL CHECK (utilisation_fraction BETWEEN 0 AND 1),
    power_watts REAL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_provenance TEXT CHECK (power_provenance IN ('metered', 'estimated')),
    -- What the watts cover, for people: packages, a board, a socket on the wall.
    power_boundary TEXT,
    -- Before any load, by the same meter.
    idle_power_watts REAL CHECK (idle_power_watts >= 0 AND idle_power_watts < 9e999),
    -- Which cores and memory nodes the threads were held to, for people.
    placement TEXT,
    -- Sampled during the run: means over the run, and the worst sample.
    steal_fraction REAL CHECK (steal_fraction BETWEEN 0 AND 1),
    steal_max_fraction REAL CHECK (steal_max_fraction BETWEEN 0 AND 1),
    processor_pressure_fraction REAL CHECK (processor_pressure_fraction BETWEEN 0 AND 1),
    processor_pressure_max_fraction REAL CHECK (processor_pressure_max_fraction BETWEEN 0 AND 1),
    -- Share of all cores' time that other processes used.
    other_load_fraction REAL CHECK (other_load_fraction BETWEEN 0 AND 1),
    frequency_min_hertz REAL CHECK (frequency_min_hertz > 0 AND frequency_min_hertz < 9e999),
    frequency_mean_hertz REAL CHECK (frequency_mean_hertz > 0 AND frequency_mean_hertz < 9e999),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    -- Where an imported row was found: the text or digest by which its importer knows the source.
    source TEXT CHECK (source <> ''),
    seed INTEGER NOT NULL,
    measured_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL, sparse_threads INTEGER CHECK (sparse_threads >= 1), sparse_workers INTEGER CHECK (sparse_workers >= 1), hot_fraction REAL CHECK (hot_fraction BETWEEN 0 AND 1), sparse_service_samples_blob BLOB, sparse_utilisation_fraction REAL
    CHECK (sparse_utilisation_fraction BETWEEN 0 AND 1), dense_utilisation_fraction REAL
    CHECK (dense_utilisation_fraction BETWEEN 0 AND 1), hand_over_p50_nanoseconds INTEGER CHECK (hand_over_p50_nanoseconds >= 0), hand_over_p99_nanoseconds INTEGER CHECK (hand_over_p99_nanoseconds >= 0), dense_dispatch_p50_nanoseconds INTEGER
    CHECK (dense_dispatch_p50_nanoseconds >= 0),
    -- A closed loop offers no rate; an open Poisson one always does.
    CHECK (load_pattern <> 'closed' OR offered_queries_per_second IS NULL),
    CHECK (load_pattern <> 'openPoisson' OR offered_queries_per_second IS NOT NULL),
    CHECK ((power_watts IS NULL) = (power_provenance IS NULL)),
    CHECK (provenance <> 'imported' OR source IS NOT NULL)
) STRICT;
INSERT INTO measurement VALUES(1,NULL,1,1,1,'whole',1,1,64,'cell','openPoisson','null','1','1ebc17298a71bd13fd7c1c74c23ab7d24696d0e75a7d35312a1b0bf6c7523fd3',1,2,400.0,290.0,41,100000000,'complete',50000000,19,X'1129fead0301c03601801501e0b50101a03001c09e080180f1140180a0210180f830018060018090040180e8010180d8150180b0090180c0040180a01b0180e00e0180b0570180e0020180a0050180e01d0180a0280180803e0180c06601808077018080280180c022018080e709018080130180802b01808004018080100180802a0180802e018080b201018080dc010180803c01808036018080dc2d018080800101808028018fb026fc',X'11287801050114010d019d0201950101080113010f0141011c0103020101040112014c010e010a01060112010f01060132014201010149018601010b0145013e01eb0101c44f01e82c01806e0190a60401c0ab010180c20f0180b64b0180a80e0180d81a012db29fc6',X'21ab018001a0138001d30f8001f9028001152a008001006000800100800100800100800100800102340180010080010080010080011466118001018001008001008001008001008001008001008001148001132a0080010080010030008001e0108001cb108001dc018001ef0180010080010016141c008001fe11800191127ef0018001db018001135e008001008001005a0080010080010080010022004e0080011480010042008001138001f00118ef0180015280013d521380019a118001991176008001f0138001ed1380010102008001b4018001b3018001000c008001b61d8001b51d800114800113800100800100800102701280011374008001008001008001008001008001008001008001e8028001e702800100800100800114800113780080010080010014008001d8118001c31180011306008001008001001ede018001dd01800100800100800100800100800100800102800101440080010080010062007a820a8001fe078001ff116adc018001f80d22d30f80010080010080010004008001008001c80156c7018001008001007c008001008001003c0280010180010036008001008001000e008001008001008001000a0080010080010066008001008001004a00800100800100800100800100800100800100089c6880019b68800184028001810280010180011480011348008001008001008001000e146aebd71d',22520228,5320703,139460607,142213119,142213119,41.0,817,2285567,2285567,2504703,43581439,0.00015523999999999998412,6.001552348360022826,'estimated','board, estimated from idle and peak power and utilisation',6.0,'inference on core 0 of node 0; generator on core 1',0.0,0.0,0.99773851085003306682,1.0,0.53333333333333332593,NULL,NULL,'measured',NULL,1,1795916065,'0.1.0',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO measurement VALUES(2,NULL,1,1,1,'whole',1,1,64,'saturation','closed','null','1','cffb19efc7f293343a6916b793e6439008431b1bdbaea71ee381b1a133049a80',1,1,NULL,170663.89700616378104,18859,122606824,'complete',NULL,NULL,X'11b204a001a601011109c4030151098f01011c0947010e090e010309011f011d011e1d010a09e101016e099e0201b001096f0137099d01016509370120091501150916010b0924011a0937012d0926012a09250122090f01130909010a0917011009c40101bc0109d40501d50709ee0401d50609840301990409cb0301b405096401b801096b01a50109270150091b0141091201370910012b092301390921015409370175097501cd02097101a003096001a3030967018803095601d102093a018d02092201a6010918019901090e0179090c014909070133090501290904012f09020131090101220a3f090101580a84010a720a590104098201010909960101070970010c094e010c0934010709390105092801050927010409150105091701040921010a0930010e092e0116092d010c093601100930010f0926010d09240116091401070918010a091c010c0919010e091c010e0912010f09170114092801130920011a0926011c0916011f09200118091701170913012109110110090d0117090f01160907010e09110112090c010a09070111090a011709150124091b012b090e0130090f01210914013b09110125090b01170904011409080113090501150903011309020110090501100a1a090301220903013509040138090101220903012a090501430904012b0901012e090201390a230a2b0a240a1001010917010409160a2401010913010409130101091b0105091e0104091b0102091a01060919010b090c0109090e0101090b010309110105090a0106091001040915010509120104090d01050915010409030105090c0108090a010109100104090c0102090601090909010809080103090601080904010509080104090901050907010c09080105090701090909010b090c0115090e010c090b010e090501070904010a09030105090101030902010c0902010609040107090501050907010a0902010b0901010c09030103090401110a0b090201070901010f090101090a0c09030112090101110901010c0a0a0a060a170a110a0e0a0f010109100a0b020108080201080e02020808020208040202080b0a0d020208040202080c020108070202080c02020805020108080203080c020108050205080702030804020208060202080502030808020108050204080602010802020408060202080502060806020808090204080702020807020308080202080302070803020908090208080902020804020308010204080402030a020801020308030206080102010801020208010202080102030a0308030c020802020608010c0308020c030a050a040a030a020a020a010a010a0114020a030a020a0314010a010a020a040a010a050a010a0214010a020a0214021e020a01140314020a0114010a020a040a030a030a020a020a010a010a010a0114030a0214010a030a010a020a010a01140314010a060a0114020a0114010a02140214020a010a0114010a0114010a0214010a0114011e01200112020a0114020a030c0208010c0214014401340150011e010a011201280120011c01b00301cc02011401940401c00201a80101840601fc0701c00101f43201e00401d00201c83a01e0a70101c09d0101a0ca040180b3050180ecde030114ca6548',X'1100ef310012',X'21a01f80013c8001147e00800113800100800100800100800100100080010080010080010004007e008001006a0080010080010080011438138001000a006a008001008001008001008001008001008001168001156c008001000e008001008001008001008001008001008001005a004e008001007e001c008001008001008001008001002e0080010080010012008001008001007600481480011304140e1380010080010080010080010080010028000e0030008001002c008001008001008001008001008001000e007e0080010080010080010002000e148001008001138001008001008001002c0056008001008001008001148001008001133a1480011380010080010060008001008001008001008001001a0080010080010044005c00120004003c003c008001148001138001008001008001148001138001008001007a0080010080010038028001018001008001148001138001008001000e008001002a008001008001008001008001008001143e0058138001008001147a138001008001002c008001008001008001008001148001136e008001000c148001138001008001008001008001148001138001006a008001008001008001148001130e008001008001008001005800800102800101200080010080010080010242018001008001000a0080010080010080011480011380010080010080010080010080010080010080010080010080010080010080010020001e00800100800100800100680080010080010080010080010080010080010020008001008001004e006002640178008001008001138001140a0080010080010080010080010080010080010080010080010080010032004a000c14361380010026135e140a000a0080010080010008168001158001026e0180010034148001138001004a008001008001008001138001148001028001018001008001008001008001008001008001008001006e0030000c008001008001008001008001008001008001148001138001138001148001008001148001138001008001028001120a13800114621380010080010080010080010080010066008001028001018001005200800100800100800100800102800101800100800100800100800100781458138001008001008001147e138001008001008001008001148001028001158001008001161201800113800100800100800102800101800100800100800100800100620018001c0006008001148001138001008001147c138001008001008001003c148001137c008001006e008001008001008001008001008001008001028001128001138001008001008001008001004c008001008001143e133c0080010038008001008001008001008001005e008001008001008001002e008001008001008001008001027e0180010022008001006e0080010080010080010080010032008001008001008001008001008001004c008001008001008001008001008001008001003e02800101800100800100800100800100800100800100100080010080010080011466138001008001007e003a000a00800114800113800100800100800100800100800100800100800100180080010064008001008001001e008001000800720080010080010280010180010064000c008001008001008001148001138001008001001814800113800100040080010080010080010080010080010080010080010080010080010080010036008001167c150c00800100800100800100800100060080011480010080011380010042028001014a0004008001007200800100800100800100800100800100161480010080011380010080010002008001008001008001148001135e0080010080010080010080011480010080011380010080011474138001004c0080010080010080010080010080010080010080010080010080011480011380010080010080010080010002002a0080010060008001002c0080011450138001008001148001118001014a0080010056008001008001008001008001006e021c018001006800800100020080010280010180010080010080010280010180010006006a140a1380010080010006002a008001008001148001134c0280010180010080011480011380010080010080010220018001005e00800100800100200080010080010080010060008001000a00800113701480010080010080010080010080011480011380010080011480011310148001137c008001008001008001006c008001028001018001008001008001005000800100060080010080010074008001008001008001002400800100800100800114800113800100800100800100180080010080010080011468008001130a0080010080010072008001008001008001008001005c0080010080011480010080011380010080010062008001008001008001008001147c0080011380010080010080010080010080011480011380010080010080010010008001008001002e008001008001008001007e00520080011480011380010080010080010080010080019003428d030a1280010080010080011380010052028001124a138001008001008001008001148001138001001a0080010080011412132c0080010080010080010080010080010080010080010080010028028001018001008001008001006e008001006e00021406006e13060080010080010080010080011380011464008001148001138001148001138001008001008001008001000400800102561278138001148001138001003a00800100800100800100800114041380010042000a000a002e0080010078008001008001008001148001135e028001018001008001005c0034008001008001008001008001008001008001008001148001138001148001138001008001008001001c003e142c138001008001008001008001008001006e008001008001007c0080010080010080010068008001002a0080010080010080010080010080011422138001008001008001028001128001138001008001008001008001008001008001008001007e02800101120080010080010080010080011480010080011380010048008001008001008001008001008001148001138001008001008001008001008001008001008001008001008001008001008001008001008001140413800100800100800114800113800114800113800100800114800100800113800100800100800100800102800101800100800100800100800100020080010080010080010280010180010080010080010012008001008001008001006e0080010080010080010044001c008001008001020812560048138001008001008001148001138001008001008001148001138001008001148001138001008001008001008001008001008001008001008001008001005c008001008001008001007c00800100800100540080010080010080010080010080010080010080010080010080010080010052008001008001008001008001008001000c0080010280010174008001008001148001138001008001007a00800102800101800100800100800100800100800100800100800113800114800128800113681380010080010080010080010006148001138001008001006a008001008001008001007c008001008001008001007e008001148001138001008001148001138001008001002400800100800100800100800100800100620080010056008001021c018001002e008001008001148001008001138001008001148001138001008001008001005e1380011480010080010080010080010080010036148001138001008001008001008001008001008001008001008001008001008001008001008001140c13800100800100020080010080011480011362000e00560080010004008001008001008001148001130e9802800197028001008001008001008001146200800113800114800111800101800100800114800113800114800113800114800113800100041404028001151a0080010080010080010048008001008001008001008001008001008001008001008001163a153e008001008001008001005800460080010080011480011380010080010080010002008001008001008001000e148001138001148001130600800100800100800100800100800100800100020080010080010036008001007c008001008001008001008001008001001e004e0080010080010080010006141613800100261480011364008001008001006a0080010080010008008001008001148001138001008001001a0080011480011380010070000802060180010080010010007c0080010080010080010080010080010064008001008001168001158001008001008001008001008001008001000c008001028001122c13800100800100681480011332008001148001138001005a0266018001168001152200800100800100800100800100800100300080010080010080010080010080010080010022008001148001138001023e1452158001146a1380010080010080010080010278012c005e0080010080011480011380010048006a008001000e008001008001005e288001258001018001148001138001008001143c1380010080010080010080010280010180010080010080010080010080010080010080010080010080010080010080010020000c0080010080010080010006008001148001138001008001008001008001008001008001028001008001128001000c0080011380010080010026008001008001144e1380010006008001006c13800114800100800100760080011480011380010080010080010080010280010180010080010080010012008001000e0014008001008001008001008001140a138001008001008001008001148001138001008001008001008001008001005e00800100800102800101800100021480011380010080010010008001008001008001008001008001008001007c0080010080010036138001148001008001008001008001008001008001008001008001003c008001008001008001008001008001147013740018008001008001005e0020008001148001138001008001008001008001008001008001008001008001008001008001006a008001007e00800100800100800100680058007e0010008001008001003600300080010080010040008001008001008001008001148001138001008001008001028001158001148001148001118001018001008001008001148001130e0080010080010030003a00800100800114061380010080010080010080010022008001008001003a008001008001008001008001148001138001008001148001137e028001018001008001008001008001008001008001008001008001148001138001008001148001138001007c005e0080010080010080010080010080010080010080010080011480011180010180010080010080010080010080010080010080010080010030008001008001008001008001008001008001008001008001001e008001008001008001008001008001004c0080010080010080010080010006006c0080011480011380010080010046008001008001148001133600741480011380010080010080010080010080010006007e023a8e031c8f038001008001008001008001008001001a028001018001008001008001148001138001008001005a008001003a0020008001003c008001008001008001008001008001008001008001008001008001028001018001008001022a018001008001008001000c0080010080010026028001018001000a008001008001008001028001018001008001003e00800100800100800100800100800100800100800100800114581358148001138001002400800100700080010080011476132c000e148001138001007e008001000e028001018001008001004e14800113700080010046005e008001004a003e0080010080010070007c008001008001007c0080010028008001008001006e000e008001008001008001008001008001008001008001008001143a1380010080010080010080010060008001008001002200080004008001000c008001008001008001008001008001148001138001008001008001148001138001008001000200060080010080010080010080010002008001008001008001008001008001008001008001145613800100800100800100800100800100800100800100800100800100800100720080010080010080010080010080010080010080011480011308008001008001008001145e0280011580011480011344008001138001148001008001008001008001008001006e00460076008001008001008001148001138001008001008001008001008001002a0080010070148001118001018001008001006c00800100800100420280011280011380010080010056008001006a008001008001008001148001138001000a006e0080010004008001005a00800100340080010080010080011374148001008001008001008001148001138001004a00021480011380010006008001000800740080010080010080010080010080011480011380010008008001008001007e0080010080010056008001008001008001007c008001008001008001008001008001008001007400800100800100800100800114501380010080010010008001008001004400800100800100800100800100800100800100800114800100800113100080010080010014008001008001008001008001008001007c0080011480011374024c018001142a1380010080010080010080010064008001002e148001110c0160008001008001007c0080010080010080010080010080010080010080010068008001024a007e018001008001008001008001148001138001000e008001001400800100800100800100800100800100120080010080010080010210018001008001008001008001028001016c008001008001001a00800100800100800100080080011480011356006a008001003a0280010152148001138001007200540080010076008001000e008001008001148001138001008001008001148001138001c6048001c5048001008001028001018001148001138001028001018001008001008001002c0080010042008001008001148001138001008001008001008001008001008001008001008001008001148001138001004c008001008001148001138001148001138001008001000800800100800100080080010080010080011480011380010080010080010080010080010046028001013000800100800100800100800100800100080080010080010080010064006000800100800100800100800102800101200080010076008001008001008001007c008001148001137a007a0080010004006e0020008001008001008001008001000400800100800100800100800100680080011444138001008001008001008001008001008001008001008001008001008001008001008001008001002e008001008001148001007c1380010080010080010080010080010080010080010280011280010080011380011480011380011380011480010080010080010002008001008001008001008001007c004814080080011380010080010080010080010080010080010080011480011380010004002e008001008001008001008001008001008001005800800100800102800101800100800100800100800100461680011508008001007000800100800113661480010080010080010080010080010080010080010080010080010080010080010052008001008001002800800114800113340080010276128001138001008001008001138001168001018001008001008001002e008001006400800100800100800100800100800100401436137e0008008001138001168001017e1480011306008001147a1380011468138001148001138001008001008001008001007200800100800100800100800100800100800100540080011480011304001400800100040280010040128001138001008001008001008001004400800100800100800100800114800113800100800100200080010080011380011450007e008001008001148001008001137c00800100800100800100800100800100280080011480011180010180010080011480011346008001007c008001008001148001138001008001008001008001008001004800800100800100800100800100800100800100800100760080010080011380011480010080010080010080011380011480010080010080010080010080010080010080010080010080010080010080010080010080010080010024008001148001136200320080010022008001148001005a13800100800114800113460080011450138001008001000a0080010042008001008001008001008001028001018001028001018001001a006a0080010080010080010280010172004600800100800100360022008001000e008001008001008001008001148001138001006a0080011480011380010064008001008001003800380274018001007a007c007400300080010280010174008001000a00800100800100800100800100180080010028008001008001023812800113800100800100800100800100800100380080010080010080010080010080010080010222018001008001168001158001008001008001008001146c00800113680008002a008001008001008001144c138001008001008001008001008001004a0080010080010080011480011346008001168001158001008001008001148001138001008001008001008001008001028001158001288001138001008001008001007c0080010080010064008001008001008001001a00800100800100660080010080010080010080010040028001018001008001008001008001008001028001016a00800100100058020201800100800100800100800100800100800100260080010080010080010080010072146a13440080011380011480010080010080010080010080010076008001020a018001007000800100800100800100800100800100800100800100800100460080011470134c00800114421380010080011480011380010080011480011380010080011406138001007a0038008001008001008001005e008001145e138001008001008001008001000c008001008001148001138001002e0080010004148001138001005a00800100340038008001008001141a1136018001008001008001000200800100800100800100800102480180010080010080011468138001028001016c0080010080010058008001008001000600460080011480011362001e0080010080010080010080010080010080010080010072008001148001118001008001018001008001008001000c14800113800100600080011450138001008001004402800101800100800100800100800100800102080180010080010080010080010012008001141e13800100800100060080010080010080010080010080010008008001148001138001008001008001001e008001006e14800113800100380022008001008001008001003c0014003e00800100800100800100800100800100800100800100800100800100800102800101800100800100800102800101281680011580010280010180010080010002008001000a0080010080010080010042005e00800100800100800100320080010280010152007800500008006c00360080010080010012008001001c008001148001138001002000300044008001008001008001008001028001015000800100240052140c0080011372008001000e0044138001141c148001138001008001008001008001008001020a00800112520080011380010066008001008001008001008001008001007a008001008001008001168001138001017e1406138001008001138001148001006000800100800100800100800100800100800100800114800113460080010080011480011380010080010080010080010080010026148001003c1320000200040280010180010080010080010080010080010280010180010080010080011480011342142413360080010244018001008001008001001c008001008001004e00800100800100800100800114800113800100800100400080010080010080011460135e008001008001000e008001022e018001008001148001138001006e007c008001008001008001008001008001008001008001008001148001138001008001001e008001000e008001008001028001010c001014800100800113800100800100800100800114041380010080010080011474130a000c008001008001008001008001008001008001008001004e008001008001008001008001008001008001006e0080010080010280010168008001148001138001008001148001138001008001008001006a1680011538008001000c0080010080010080010080010080011480011374008001008001005400800100800100020080010080010080010080010020008001024600800101800114800113800100460042008001001c148001138001004016800115800114800113800100800100060080010080010080010080010080011414138001141c1344008001008001008001007a00800100800114341370008001002e00800100800100280080010080010080010080010080010080010080011480011380010080010080010080010080010080010080010014028001018001008001008001161215800100120080011480011380010080010080011480010006138001008001148001138001008001008001008001000e00581350148001001a0248018001008001008001008001008001008001148001138001148001138001008001008001008001006e02240180010056000e008001148001138001008001008001008001008001004000800100140080010050008001022a01800100800100800100800100800100800100800100060080010080010080010080010080010066008001008001008001008001028001018001008001008001008001000a008001002e00800100800100640080010080010080010080010080010080010080010080010040004a003a0080010080010216011600500080010080010080010020148001134c1480011380010080010080010080010080010080011424138001008001008001148001118001018001008001008001004e008001007a0210015200800100800100800100800100300280010180010080010042008001008001008001140e138001006a00800100800100800100800100800100421480011380010080010056008001148001138001008001008001028001017c0080010080010080010054008001008001000a008001008001008001000600040080010080010080010080010080010080011480011380010016008001148001138001008001148001138001008001008001008001000a00800100240080010080010080010006008001008001008001148001138001008001148001008001138001006a008001008001148001138001008001008001003a008001008001028001018001008001008001008001168001158001008001008001006a00320080010080010280010180010080011680010180011380010080010080010022008001008001008001008001008001008001008001008001008001008001008001008001008001008001003e0080010034006000800100680080010080010080010004006a008001008001008001008001160e15560080010074008001004c14800113380080010080010280010180010080010080010012005e008001008001008001148001135000800100800100800100800100800100020042005e148001134e00540080010080010078008001008001008001003e008001008001000e008001008001008001000c00800100020080010080010060008001008001148001138001003c001e008001008001008001008001008001008001000a008001004c008001008001008001008001008001002c0080010080010080010080010080011680011580010080010068008001008001008001006e008001008001008001008001008001008001008001008001008001008001008001008001008001144e1380010080010080011480010280011580010080010080010008008001028001018001008001148001008001138001008001006a0080010080010080010080010080010080010042148001138001007400800100520080010080010280010180010080010080010080010080010068008001000c008001008001000a0080011480011310008001001600800100800100800114800113160226018001146a1380010012141a1380010080011380011480011380012880011380010080010080010062008001028001018001008001008001006800800100700048003e00521470008001135800800100800100800100800100800100740080010068008001008001148001138001028001011e008001008001001a008001008001008001028001018001008001000e008001007400800100800100800100240226018001008001008001020e018001008001144a1348007c0080010272016000800100020080010080010080011480011380010080010080010080010080010024008001008001008001008001008001001e0012001c00800100800100800100800100540080010080010050000a002800800114800113800100800100800100800114041380010080010080010280010180010080010080010080010066008001008001008001148001138001008001148001008001138001005e008001008001008001008001148001021e158001004600800100800100800100360080010054008001008001008001000a008001008001005e008001008001008001008001005a0080011480011380010018008001008001147c138001148001138001008001008001008001008001002a008001008001000c0010008001008001027401320080010280010180010080010080010080010080010080010080010030008001168001158001008001008001008001008001008001008001008001022a018001008001008001005400800102800101800100800100800116800115280080010080010080010080010080010202011a0080010080010080010080010280011280011380010056008001003200800100800100800113800114700080011380011410003e00800100800100800100800100800100520080011480011380010080010080011480011380011480011380010080011480010080011380010080010080010052006c008001008001008001008001008001008001008001008001008001008001008001008001028001128001130a00043c80013b0200700080010080011480011380010080010080010040008001008001006a008001008001148001138001008001008001008001005e003e008001008001008001008001008001008001008001008001005c005400800100800100800100800100800100660080010080010080011480011380010080010080010080010080011440138001008001008001008001148001138001008001008001007c008001008001008001008001008001008001008001008001008001008001008001008001006a008001008001008001008001008001008001008001008001008001008001006e0080010050008001008001008001008001008001008001007e008001008001008001008001008001008001008001008001008001003c006c00800102800101800100800100800114161180010180010080010040000e145413800100800100800100180080010028008001028001018001008001007800800114800113800100060080011480011380010080010080011480011380010080010080010080010072008001008001008001008001008001008001008001003c004a00800100800100800100800100800114800113800100800100800100800100800100800114800113800100800114761380010080010002008001008001148001130a147c1380011480011350008001008001006e001c0080010080010080010080010080010080010080010080010080010040008001008001008001008001008001008001008001004000800100120080010080010004008001000a008001006a000c0080010080011480011380010006008001008001002e0080010068008001008001008001008001007c007200800113800114800100800100800100800100800100800100800100800100800114800113800100800100800100800100800100620080010080010018008001008001008001148001138001008001008001008001008001008001008001008001004e0080010080010010004e008001008001008001008001008001001c008001008001001c008001008001008001000e0072007e008001008001008001000e008001000e008001008001008001008001008001008001007c00800100800100800114800113800100800100800100800114800113800100800100800100800114800113760080010080010080010080010080010002006a0280010180010076008001008001003400200080010080011480010080011380010080010080011480011380010080010080011480011380010080010080010080010080010064008001008001008001008001003000800100800102800101800100580080010080010080010080011480011354008001008001008001008001008001008001008001008001007a00540080010050006a138001148001008001008001004814800113020066008001008001008001003a008001005400040080010080010080010080010080010080010080010080010080010080011480011380010070008001006e002a0064008001148001111e0102008001008001008001008001008001004a0080010080010080010280010180010080010080011480011380010036008001028001012000800100800114800113800114081380010080010080010078008001008001008001008001008001008001008001008001008001148001118001018001008001008001008001007c008001028001013c0080010080010080010044008001000c008001008001008001008001008001008001008001008001000600800100800100800100800100800100620062004ae8674c',1113,481,1773,2515,8073215,NULL,NULL,NULL,NULL,NULL,NULL,0.023122860063725107077,6.2300885352793518023,'estimated','board, estimated from idle and peak power and utilisation',6.0,'inference on core 0 of node 0; generator on core 1',0.0,0.0,0.99983043025404882975,1.0,0.92857142857142860314,NULL,NULL,'measured',NULL,1,1795916065,'0.1.0',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE IF NOT EXISTS "verdict" (
    measurement_id INTEGER PRIMARY KEY REFERENCES measurement (id) ON DELETE CASCADE,
    tool_version TEXT NOT NULL,
    -- The question that was put to the measurement, and the interval that answers it; NULL where none was.
    target_quantile REAL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER CHECK (target_limit_nanoseconds > 0),
    -- The tail quantile lies between the two with this confidence; a bound is NULL where too few queries give one.
    confidence_fraction REAL CHECK (confidence_fraction > 0 AND confidence_fraction < 1),
    tail_lower_nanoseconds INTEGER,
    tail_upper_nanoseconds INTEGER,
    answer TEXT CHECK (answer IN ('meets', 'misses', 'undecided')),
    CHECK ((answer IS NULL) = (target_limit_nanoseconds IS NULL)),
    CHECK ((answer IS NULL) = (target_quantile IS NULL)),
    CHECK ((answer IS NULL) = (confidence_fraction IS NULL))
) STRICT;
INSERT INTO verdict VALUES(1,'0.1.0',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO verdict VALUES(2,'0.1.0',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE IF NOT EXISTS "verdict_doubt" (
    measurement_id INTEGER NOT NULL REFERENCES verdict (measurement_id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    doubt TEXT NOT NULL CHECK (doubt <> ''),
    PRIMARY KEY (measurement_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO verdict_doubt VALUES(1,0,'processorPressure');
INSERT INTO verdict_doubt VALUES(1,1,'otherLoad');
INSERT INTO verdict_doubt VALUES(1,2,'generatorBehind');
INSERT INTO verdict_doubt VALUES(2,0,'processorPressure');
INSERT INTO verdict_doubt VALUES(2,1,'otherLoad');
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    -- SHA-256 of definition_json: the same definition is the same job, in every file.
    definition_digest TEXT NOT NULL UNIQUE CHECK (length(definition_digest) = 64),
    definition_json TEXT NOT NULL CHECK (json_valid(definition_json)),
    tool_version TEXT NOT NULL,
    created_at_unix_seconds INTEGER NOT NULL
) STRICT;
INSERT INTO job VALUES(1,'small','723a791a53051aee79e3673dd4e155b375d71768046e527842b3cf794b812f11','{"cellDuration":100000000,"engines":[{"name":"null"}],"hosts":[{"pattern":"*","serverType":"this-host"}],"id":"small","loads":[{"rate":{"_0":400}},{"closed":{}}],"models":[{"graph":{"denseInputWidth":0,"denseLayers":[],"embeddingTables":[{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000},{"count":2,"dimension":64,"isSequence":false,"lookups":1,"rows":1000}],"predictLayers":[256,256,128,64,64],"taskLayers":[]},"id":"ncf-1k-rows","latencyTarget":{"limit":5000000,"quantile":0.95},"querySizes":{"mixture":[{"component":{"uniform":{"lower":1,"upper":100}},"weight":0.08},{"component":{"uniform":{"lower":200,"upper":600}},"weight":0.22},{"component":{"uniform":{"lower":600,"upper":1000}},"weight":0.05},{"component":{"logNormal":{"fallbackLower":190,"fallbackUpper":200,"lower":100,"mu":5.1,"sigma":0.2,"upper":200}},"weight":0.65}],"name":"deeprecsys"},"source":"DeepRecSys (Gupta et al., ISCA 2020), MIT licence: models/configs/ncf.json","title":"Neural collaborative filtering, tables cut to 1k rows"}],"repetitions":1,"schedules":{"list":{"_0":[{"batch":64,"partition":"whole","threads":1,"workers":1}]}},"seed":1,"title":"The load generator with an engine that does nothing"}','0.1.0',1795916064);
CREATE TABLE job_cell (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    -- Of everything that decides the measurement.
    cell_digest TEXT NOT NULL CHECK (length(cell_digest) = 64),
    -- Of all cells that were expanded together: another engine version makes other cells.
    expansion_digest TEXT NOT NULL CHECK (length(expansion_digest) = 64),
    -- The order in which cells are taken, and the first position of those that share a compiled model.
    position INTEGER NOT NULL CHECK (position >= 0),
    compiled_position INTEGER NOT NULL CHECK (compiled_position >= 0),
    host_fingerprint TEXT NOT NULL CHECK (host_fingerprint <> ''),
    model_id INTEGER NOT NULL REFERENCES model (id),
    server_type_id INTEGER NOT NULL REFERENCES server_type (id),
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    -- For people; the definition has them in parts.
    schedule TEXT NOT NULL CHECK (schedule <> ''),
    load TEXT NOT NULL CHECK (load <> ''),
    repetition INTEGER NOT NULL CHECK (repetition >= 1),
    expected_nanoseconds INTEGER NOT NULL CHECK (expected_nanoseconds >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'done', 'failed')),
    -- How often measuring it failed, and how often a process at it ended without a word.
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    interruptions INTEGER NOT NULL DEFAULT 0 CHECK (interruptions >= 0),
    -- Who is at it, or was last.
    worker_host TEXT,
    worker_process_id INTEGER,
    -- The lease, while there is one: its secret, the running kernel it was taken under, the start of the process in
    -- clock ticks, and when it ends unless renewed.
    lease_token TEXT,
    lease_machine TEXT,
    lease_process_start INTEGER,
    lease_began_at_unix_seconds INTEGER,
    lease_expires_at_unix_nanoseconds INTEGER,
    finished_at_unix_seconds INTEGER,
    took_nanoseconds INTEGER CHECK (took_nanoseconds >= 0),
    measurement_id INTEGER REFERENCES measurement (id) ON DELETE CASCADE,
    -- What went wrong last.
    error TEXT,
    UNIQUE (job_id, cell_digest),
    CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_expires_at_unix_nanoseconds IS NULL)),
    CHECK ((state = 'done') = (measurement_id IS NOT NULL)),
    CHECK (state <> 'failed' OR error IS NOT NULL)
) STRICT;
INSERT INTO job_cell VALUES(1,1,'723e2e2d483946ae28f8b8341d0fded32b2dd2cb4f390ee58dc6c870f30adf0d','6f649b7c6672daccef56877706a2fc3658e284f66776cc588489e40e151f493c',0,0,'AMD EPYC / 2 cores',1,1,'null','1','whole M=1 O=1 D=64','400.0 queries/s',1,400000000,'done',0,0,'vm',9957,NULL,NULL,NULL,NULL,NULL,1795916065,512693131,1,NULL);
INSERT INTO job_cell VALUES(2,1,'0bd56ac3a02335e472f64233ed6615ce72aea9295b154547dc6ca75004ff33e9','6f649b7c6672daccef56877706a2fc3658e284f66776cc588489e40e151f493c',1,0,'AMD EPYC / 2 cores',1,1,'null','1','whole M=1 O=1 D=64','closed',1,400000000,'done',0,0,'vm',9957,NULL,NULL,NULL,NULL,NULL,1795916065,139627372,2,NULL);
CREATE TABLE run_identity (
    run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    identity TEXT NOT NULL UNIQUE CHECK (identity <> '')
) STRICT;
INSERT INTO run_identity VALUES(1,'d7dabefdab0037e19c0afcb469e3fe7d');
INSERT INTO run_identity VALUES(2,'adf37eefce797b6b884babc2ab334540');
INSERT INTO run_identity VALUES(3,'4d72e9de929ade3265f60eba5a4cbba8');
INSERT INTO run_identity VALUES(4,'f93cd5f80a50eca903c43d06c7f8c0be');
INSERT INTO run_identity VALUES(5,'e41d70fd8d9507b646e6fdf07e5bd703');
CREATE TABLE merge_source (
    id INTEGER PRIMARY KEY,
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    path TEXT NOT NULL,
    merged_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
) STRICT;
CREATE TABLE measurement_tokens (
    measurement_id INTEGER PRIMARY KEY REFERENCES measurement (id) ON DELETE CASCADE,
    requests INTEGER NOT NULL CHECK (requests >= 1),
    -- NULL where the server does not count them.
    prompt_tokens INTEGER CHECK (prompt_tokens >= 0),
    output_tokens INTEGER NOT NULL CHECK (output_tokens >= 0),
    -- 1: the server counted the output tokens; 0: the parts of its stream were counted.
    is_reported INTEGER NOT NULL CHECK (is_reported IN (0, 1)),
    output_tokens_per_second REAL NOT NULL
        CHECK (output_tokens_per_second >= 0 AND output_tokens_per_second < 9e999),
    -- Distributions are compact blobs, as in measurement.
    first_token_histogram_blob BLOB NOT NULL,
    output_token_histogram_blob BLOB NOT NULL,
    -- The histograms' own figures, so that SQL can read them. A request of one token has no time per output token.
    first_token_mean_nanoseconds INTEGER,
    first_token_p50_nanoseconds INTEGER,
    first_token_p95_nanoseconds INTEGER,
    first_token_p99_nanoseconds INTEGER,
    output_token_mean_nanoseconds INTEGER,
    output_token_p50_nanoseconds INTEGER,
    output_token_p95_nanoseconds INTEGER,
    output_token_p99_nanoseconds INTEGER
) STRICT;
CREATE TABLE replay_serving (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    at_nanoseconds INTEGER NOT NULL,
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    server_type_position INTEGER NOT NULL CHECK (server_type_position >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 0),
    PRIMARY KEY (policy_id, at_nanoseconds, model_position, server_type_position)
) STRICT, WITHOUT ROWID;
INSERT INTO replay_serving VALUES(1,0,0,0,3);
INSERT INTO replay_serving VALUES(1,0,1,0,1);
INSERT INTO replay_serving VALUES(2,0,0,0,3);
INSERT INTO replay_serving VALUES(2,0,1,0,1);
INSERT INTO replay_serving VALUES(3,0,0,0,3);
INSERT INTO replay_serving VALUES(3,0,1,0,1);
CREATE TABLE replay_decision (
    policy_id INTEGER NOT NULL REFERENCES replay_policy (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    at_nanoseconds INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN (
        'first', 'load_rose', 'load_fell', 'better_plan', 'follow_up', 'servers_changed', 'headroom_cut', 'overload')),
    -- The model whose need, load with headroom, has moved most since the plan before; NULL where none has.
    model_position INTEGER CHECK (model_position >= 0),
    before_queries_per_second REAL CHECK (before_queries_per_second >= 0 AND before_queries_per_second < 9e999),
    needed_queries_per_second REAL CHECK (needed_queries_per_second >= 0 AND needed_queries_per_second < 9e999),
    PRIMARY KEY (policy_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO replay_decision VALUES(1,0,0,'first',NULL,NULL,NULL);
INSERT INTO replay_decision VALUES(2,0,0,'first',NULL,NULL,NULL);
INSERT INTO replay_decision VALUES(3,0,0,'first',NULL,NULL,NULL);
CREATE TABLE replay_action (
    policy_id INTEGER NOT NULL,
    decision_position INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    "action" TEXT NOT NULL CHECK ("action" IN ('start', 'stop')),
    model_position INTEGER NOT NULL CHECK (model_position >= 0),
    server_type_position INTEGER NOT NULL CHECK (server_type_position >= 0),
    servers INTEGER NOT NULL CHECK (servers >= 1),
    PRIMARY KEY (policy_id, decision_position, position),
    FOREIGN KEY (policy_id, decision_position) REFERENCES replay_decision (policy_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO replay_action VALUES(1,0,0,'start',0,0,3);
INSERT INTO replay_action VALUES(1,0,1,'start',1,0,1);
INSERT INTO replay_action VALUES(2,0,0,'start',0,0,3);
INSERT INTO replay_action VALUES(2,0,1,'start',1,0,1);
INSERT INTO replay_action VALUES(3,0,0,'start',0,0,3);
INSERT INTO replay_action VALUES(3,0,1,'start',1,0,1);
CREATE TABLE request_level (
    id INTEGER PRIMARY KEY,
    replay_id INTEGER NOT NULL REFERENCES replay (id) ON DELETE CASCADE,
    -- Since the start of the trace.
    start_nanoseconds INTEGER NOT NULL CHECK (start_nanoseconds >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    -- The rule by which queries found their servers.
    dispatch TEXT NOT NULL CHECK (dispatch <> ''),
    seed INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    simulated_at_unix_seconds INTEGER NOT NULL,
    -- A later simulation of the same window takes the place of an earlier one.
    UNIQUE (replay_id, start_nanoseconds, duration_nanoseconds, dispatch)
) STRICT;
INSERT INTO request_level VALUES(1,1,21600000000000,60000000000,'power-of-two',7,'0.1.0',1795916077);
CREATE TABLE request_level_result (
    id INTEGER PRIMARY KEY,
    request_level_id INTEGER NOT NULL REFERENCES request_level (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    policy TEXT NOT NULL CHECK (policy <> ''),
    model TEXT NOT NULL CHECK (model <> ''),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    -- At the target's quantile, of the queries that were answered; NULL where none was.
    tail_latency_nanoseconds INTEGER CHECK (tail_latency_nanoseconds >= 0),
    retried_queries INTEGER NOT NULL CHECK (retried_queries >= 0),
    UNIQUE (request_level_id, position)
) STRICT;
INSERT INTO request_level_result VALUES(1,1,0,'static','wnd-1k-rows',0.94999999999999995559,25000000,19791871,0);
INSERT INTO request_level_result VALUES(2,1,1,'static','ncf-1k-rows',0.94999999999999995559,5000000,6619135,0);
INSERT INTO request_level_result VALUES(3,1,2,'greedy','wnd-1k-rows',0.94999999999999995559,25000000,19791871,0);
INSERT INTO request_level_result VALUES(4,1,3,'greedy','ncf-1k-rows',0.94999999999999995559,5000000,6619135,0);
INSERT INTO request_level_result VALUES(5,1,4,'hercules','wnd-1k-rows',0.94999999999999995559,25000000,19791871,0);
INSERT INTO request_level_result VALUES(6,1,5,'hercules','ncf-1k-rows',0.94999999999999995559,5000000,6619135,0);
CREATE TABLE request_level_segment (
    result_id INTEGER NOT NULL REFERENCES request_level_result (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    start_nanoseconds INTEGER NOT NULL CHECK (start_nanoseconds >= 0),
    duration_nanoseconds INTEGER NOT NULL CHECK (duration_nanoseconds > 0),
    load_queries_per_second REAL NOT NULL
        CHECK (load_queries_per_second >= 0 AND load_queries_per_second < 9e999),
    capacity_queries_per_second REAL NOT NULL
        CHECK (capacity_queries_per_second >= 0 AND capacity_queries_per_second < 9e999),
    arrived_queries INTEGER NOT NULL CHECK (arrived_queries >= 0),
    -- Answered after the latency limit.
    late_queries INTEGER NOT NULL CHECK (late_queries >= 0),
    -- Turned away by a full server, or lost with one that failed.
    dropped_queries INTEGER NOT NULL CHECK (dropped_queries >= 0),
    -- Never answered.
    waiting_queries INTEGER NOT NULL CHECK (waiting_queries >= 0),
    PRIMARY KEY (result_id, position),
    CHECK (late_queries + dropped_queries + waiting_queries <= arrived_queries)
) STRICT, WITHOUT ROWID;
INSERT INTO request_level_segment VALUES(1,0,21600000000000,60000000000,2000.0,2184.7488293313913345,119933,638,0,0);
INSERT INTO request_level_segment VALUES(2,0,21600000000000,60000000000,60000.0,60476.375381518293577,3601057,445920,0,0);
INSERT INTO request_level_segment VALUES(3,0,21600000000000,60000000000,2000.0,2184.7488293313913345,119933,638,0,0);
INSERT INTO request_level_segment VALUES(4,0,21600000000000,60000000000,60000.0,60476.375381518293577,3601057,445920,0,0);
INSERT INTO request_level_segment VALUES(5,0,21600000000000,60000000000,2000.0,2184.7488293313913345,119933,638,0,0);
INSERT INTO request_level_segment VALUES(6,0,21600000000000,60000000000,60000.0,60476.375381518293577,3601057,445920,0,0);
CREATE TABLE throughput_comparison (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run (id) ON DELETE CASCADE,
    model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    server_type_id INTEGER NOT NULL REFERENCES server_type (id) ON DELETE CASCADE,
    host_id INTEGER NOT NULL REFERENCES host (id) ON DELETE CASCADE,
    engine TEXT NOT NULL CHECK (engine <> ''),
    engine_version TEXT NOT NULL,
    "partition" TEXT NOT NULL CHECK ("partition" <> ''),
    threads INTEGER NOT NULL CHECK (threads >= 1),
    workers INTEGER NOT NULL CHECK (workers >= 1),
    batch_items INTEGER NOT NULL CHECK (batch_items >= 1),
    target_quantile REAL NOT NULL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER NOT NULL CHECK (target_limit_nanoseconds > 0),
    -- The highest live rate that met the target and the lowest that missed it; 0 and NULL where none did.
    live_met_queries_per_second REAL NOT NULL
        CHECK (live_met_queries_per_second >= 0 AND live_met_queries_per_second < 9e999),
    live_missed_queries_per_second REAL
        CHECK (live_missed_queries_per_second >= 0 AND live_missed_queries_per_second < 9e999),
    -- The middle between the two, by ratio: what the difference is taken against.
    live_queries_per_second REAL NOT NULL
        CHECK (live_queries_per_second >= 0 AND live_queries_per_second < 9e999),
    profiled_queries_per_second REAL NOT NULL
        CHECK (profiled_queries_per_second >= 0 AND profiled_queries_per_second < 9e999),
    -- The same simulation without what is known of service times under other loads.
    plain_queries_per_second REAL NOT NULL
        CHECK (plain_queries_per_second >= 0 AND plain_queries_per_second < 9e999),
    -- Rates tried live, and how many of them had no undisturbed run.
    rates INTEGER NOT NULL CHECK (rates >= 1),
    doubtful_rates INTEGER NOT NULL CHECK (doubtful_rates >= 0),
    provenance TEXT NOT NULL CHECK (provenance IN ('measured', 'imported', 'modelled')),
    seed INTEGER NOT NULL,
    compared_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
, stored_queries_per_second REAL
    CHECK (stored_queries_per_second >= 0 AND stored_queries_per_second < 9e999), sparse_threads INTEGER CHECK (sparse_threads >= 1), sparse_workers INTEGER CHECK (sparse_workers >= 1)) STRICT;
INSERT INTO throughput_comparison VALUES(1,2,1,1,1,'null','1','whole',1,2,64,0.94999999999999995559,5000000,80073.921240391529863,82163.05152110342169,81111.76065387230483,3701348.0019751610235,6545789.6980351619421,11,11,'measured',7,1795916064,'0.1.0',5525371.9992069751025,NULL,NULL);
CREATE TABLE import_source (
    id INTEGER PRIMARY KEY,
    -- Of the kind and the file's digest: the same file is the same import, however it is called.
    content_digest TEXT NOT NULL UNIQUE CHECK (length(content_digest) = 64),
    kind TEXT NOT NULL CHECK (kind <> ''),
    file TEXT NOT NULL CHECK (file <> ''),
    file_digest TEXT NOT NULL CHECK (length(file_digest) = 64),
    -- Of everything the user said beside the file: mapping, source, licence, whether marked rows are refused.
    options_digest TEXT NOT NULL CHECK (length(options_digest) = 64),
    source TEXT NOT NULL CHECK (source <> ''),
    licence TEXT,
    rows_read INTEGER NOT NULL CHECK (rows_read >= 0),
    rows_kept INTEGER NOT NULL CHECK (rows_kept >= 0),
    rows_refused INTEGER NOT NULL CHECK (rows_refused >= 0),
    rows_marked INTEGER NOT NULL CHECK (rows_marked >= 0),
    imported_at_unix_seconds INTEGER NOT NULL,
    tool_version TEXT NOT NULL
) STRICT;
CREATE TABLE imported_figure (
    import_id INTEGER NOT NULL REFERENCES import_source (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    -- Where in the file: a line, or the number of an object.
    line INTEGER NOT NULL CHECK (line >= 1),
    model TEXT NOT NULL CHECK (model <> ''),
    server TEXT NOT NULL CHECK (server <> ''),
    devices INTEGER CHECK (devices >= 1),
    parallelism TEXT,
    "precision" TEXT,
    framework TEXT,
    detail TEXT,
    batch_items INTEGER CHECK (batch_items >= 1),
    concurrent_queries REAL CHECK (concurrent_queries > 0 AND concurrent_queries < 9e999),
    offered_queries_per_second REAL
        CHECK (offered_queries_per_second >= 0 AND offered_queries_per_second < 9e999),
    -- Of what throughput_unit says, all devices together.
    throughput_per_second REAL CHECK (throughput_per_second >= 0 AND throughput_per_second < 9e999),
    throughput_unit TEXT CHECK (throughput_unit IN ('queries', 'items', 'tokens', 'epochs')),
    is_throughput_derived INTEGER NOT NULL CHECK (is_throughput_derived IN (0, 1)),
    mean_latency_nanoseconds INTEGER CHECK (mean_latency_nanoseconds >= 0),
    p50_latency_nanoseconds INTEGER CHECK (p50_latency_nanoseconds >= 0),
    p90_latency_nanoseconds INTEGER CHECK (p90_latency_nanoseconds >= 0),
    p95_latency_nanoseconds INTEGER CHECK (p95_latency_nanoseconds >= 0),
    p99_latency_nanoseconds INTEGER CHECK (p99_latency_nanoseconds >= 0),
    first_token_nanoseconds INTEGER CHECK (first_token_nanoseconds >= 0),
    output_token_nanoseconds INTEGER CHECK (output_token_nanoseconds >= 0),
    input_tokens REAL CHECK (input_tokens >= 0 AND input_tokens < 9e999),
    output_tokens REAL CHECK (output_tokens >= 0 AND output_tokens < 9e999),
    target_quantile REAL CHECK (target_quantile > 0 AND target_quantile < 1),
    target_limit_nanoseconds INTEGER CHECK (target_limit_nanoseconds > 0),
    power_watts REAL CHECK (power_watts >= 0 AND power_watts < 9e999),
    power_scope TEXT CHECK (power_scope IN ('device', 'system')),
    power_provenance TEXT CHECK (power_provenance IN ('metered', 'estimated')),
    -- Power as a share of what the devices are rated for, where no watts are given.
    power_fraction REAL CHECK (power_fraction >= 0 AND power_fraction < 9e999),
    power_limit_watts REAL CHECK (power_limit_watts >= 0 AND power_limit_watts < 9e999),
    utilisation_fraction REAL CHECK (utilisation_fraction BETWEEN 0 AND 1),
    energy_per_item_joules REAL CHECK (energy_per_item_joules >= 0 AND energy_per_item_joules < 9e999),
    source TEXT,
    licence TEXT,
    published TEXT,
    provenance TEXT NOT NULL CHECK (provenance = 'imported'),
    -- NULL where the law does not apply, '' where it holds, else what is wrong.
    little_check TEXT,
    quantiles_check TEXT,
    energy_check TEXT,
    power_check TEXT,
    roofline_check TEXT,
    phases_check TEXT,
    is_sound INTEGER NOT NULL CHECK (is_sound IN (0, 1)),
    PRIMARY KEY (import_id, position),
    CHECK ((power_watts IS NULL) = (power_provenance IS NULL)),
    CHECK ((target_quantile IS NULL) = (target_limit_nanoseconds IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TABLE imported_hardware (
    import_id INTEGER NOT NULL REFERENCES import_source (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    line INTEGER NOT NULL CHECK (line >= 1),
    name TEXT NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind <> ''),
    maximum_power_watts REAL NOT NULL CHECK (maximum_power_watts > 0 AND maximum_power_watts < 9e999),
    idle_power_watts REAL CHECK (idle_power_watts >= 0 AND idle_power_watts < 9e999),
    single_peak_flops_per_second REAL
        CHECK (single_peak_flops_per_second > 0 AND single_peak_flops_per_second < 9e999),
    half_peak_flops_per_second REAL
        CHECK (half_peak_flops_per_second > 0 AND half_peak_flops_per_second < 9e999),
    memory_bytes REAL CHECK (memory_bytes > 0 AND memory_bytes < 9e999),
    source TEXT,
    provenance TEXT NOT NULL CHECK (provenance = 'imported'),
    PRIMARY KEY (import_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX host_by_fingerprint ON host (fingerprint);
CREATE INDEX model_by_behaviour ON model (behaviour_digest);
CREATE INDEX model_by_name ON model (name);
CREATE INDEX server_type_by_behaviour ON server_type (behaviour_digest);
CREATE INDEX server_type_by_name ON server_type (name);
CREATE INDEX run_by_scenario ON run (scenario_id);
CREATE UNIQUE INDEX search_by_key ON search (
    model_id, server_type_id, target_quantile, target_limit_nanoseconds, ifnull(power_budget_watts, -1), method,
    inputs_digest);
CREATE INDEX search_by_server_type ON search (server_type_id);
CREATE INDEX search_by_run ON search (run_id);
CREATE INDEX search_step_by_evaluation ON search_step (search_id, evaluation_position);
CREATE INDEX plan_by_run ON plan (run_id);
CREATE INDEX plan_allocation_by_fleet ON plan_allocation (plan_id, server_type);
CREATE INDEX replay_by_run ON replay (run_id);
CREATE INDEX replay_by_trace ON replay (trace_id);
CREATE VIEW plan_summary AS
SELECT
    plan.id AS plan_id,
    plan.method AS method,
    plan.status AS status,
    plan.objective_watts AS objective_watts,
    plan.bound_watts AS bound_watts,
    max(0, (plan.objective_watts - plan.bound_watts) / nullif(plan.objective_watts, 0)) AS gap_fraction,
    plan.over_provision_fraction AS over_provision_fraction,
    (SELECT coalesce(sum(load_queries_per_second), 0) FROM plan_demand WHERE plan_demand.plan_id = plan.id)
        AS load_queries_per_second,
    (SELECT coalesce(sum(servers), 0) FROM plan_allocation WHERE plan_allocation.plan_id = plan.id) AS servers,
    (SELECT coalesce(sum(available_servers), 0) FROM plan_fleet WHERE plan_fleet.plan_id = plan.id)
        AS available_servers,
    (SELECT coalesce(sum(unserved_queries_per_second), 0) FROM plan_shortfall
        WHERE plan_shortfall.plan_id = plan.id) AS unserved_queries_per_second,
    (SELECT group_concat(provenance, ' ') FROM (SELECT DISTINCT provenance FROM plan_allocation
        WHERE plan_allocation.plan_id = plan.id ORDER BY provenance)) AS provenance,
    (SELECT group_concat(power_provenance, ' ') FROM (SELECT DISTINCT power_provenance FROM plan_allocation
        WHERE plan_allocation.plan_id = plan.id ORDER BY power_provenance)) AS power_provenance,
    plan.fleet_name AS fleet,
    datetime(plan.planned_at_unix_seconds, 'unixepoch') AS planned_at_utc,
    plan.tool_version AS tool_version,
    plan.run_id AS run_id
FROM plan;
CREATE VIEW replay_summary AS
SELECT
    replay.id AS replay_id,
    trace.name AS trace,
    replay_policy.name AS policy,
    replay_policy.name = replay.subject AS is_subject,
    power.intervals AS intervals,
    power.mean_provisioned_watts AS mean_provisioned_watts,
    power.peak_provisioned_watts AS peak_provisioned_watts,
    power.mean_drawn_watts AS mean_drawn_watts,
    power.provisioned_watts_sum * replay_policy.interval_nanoseconds / 1e9 AS provisioned_energy_joules,
    power.drawn_watts_sum * replay_policy.interval_nanoseconds / 1e9 AS drawn_energy_joules,
    power.mean_servers AS mean_servers,
    power.peak_servers AS peak_servers,
    service.violation_fraction AS violation_fraction,
    coalesce(power.unserved_queries / nullif(power.arrived_queries, 0), 0) AS unserved_fraction,
    replay_policy.decision_seconds AS decision_seconds,
    (SELECT group_concat(provenance, ' ') FROM (SELECT DISTINCT provenance FROM replay_efficiency
        WHERE replay_efficiency.replay_id = replay.id ORDER BY provenance)) AS provenance,
    (SELECT group_concat(power_provenance, ' ') FROM (SELECT DISTINCT power_provenance FROM replay_efficiency
        WHERE replay_efficiency.replay_id = replay.id ORDER BY power_provenance)) AS power_provenance,
    replay.seed AS seed,
    datetime(replay.replayed_at_unix_seconds, 'unixepoch') AS replayed_at_utc,
    replay.tool_version AS tool_version,
    replay.run_id AS run_id
FROM replay
JOIN trace ON trace.id = replay.trace_id
JOIN replay_policy ON replay_policy.replay_id = replay.id
LEFT JOIN (
    SELECT
        policy_id,
        count(*) AS intervals,
        avg(provisioned_watts) AS mean_provisioned_watts,
        max(provisioned_watts) AS peak_provisioned_watts,
        avg(drawn_watts) AS mean_drawn_watts,
        sum(provisioned_watts) AS provisioned_watts_sum,
        sum(drawn_watts) AS drawn_watts_sum,
        avg(servers) AS mean_servers,
        max(servers) AS peak_servers,
        sum(arrived_queries) AS arrived_queries,
        sum(unserved_queries) AS unserved_queries
    FROM replay_interval
    GROUP BY policy_id
) AS power ON power.policy_id = replay_policy.id
LEFT JOIN (
    SELECT policy_id, avg(is_violated) AS violation_fraction
    FROM replay_load
    WHERE load_queries_per_second IS NOT NULL
    GROUP BY policy_id
) AS service ON service.policy_id = replay_policy.id;
CREATE VIEW replay_interval_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    replay_interval.position AS interval_position,
    datetime(
        trace.start_unix_seconds + replay_interval.position * (replay_policy.interval_nanoseconds / 1e9),
        'unixepoch') AS starts_at_utc,
    replay_model.name AS model,
    replay_load.load_queries_per_second AS load_queries_per_second,
    replay_load.capacity_queries_per_second AS capacity_queries_per_second,
    replay_load.is_violated AS is_violated,
    (SELECT coalesce(sum(replay_allocation.servers), 0) FROM replay_allocation
        WHERE replay_allocation.policy_id = replay_load.policy_id
        AND replay_allocation.interval_position = replay_load.interval_position
        AND replay_allocation.model_position = replay_load.model_position) AS servers
FROM replay_load
JOIN replay_interval ON replay_interval.policy_id = replay_load.policy_id
    AND replay_interval.position = replay_load.interval_position
JOIN replay_policy ON replay_policy.id = replay_load.policy_id
JOIN replay ON replay.id = replay_policy.replay_id
JOIN trace ON trace.id = replay.trace_id
JOIN replay_model ON replay_model.replay_id = replay.id AND replay_model.position = replay_load.model_position;
CREATE VIEW replay_allocation_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    replay_allocation.interval_position AS interval_position,
    replay_model.name AS model,
    replay_server_type.name AS server_type,
    replay_allocation.servers AS servers
FROM replay_allocation
JOIN replay_policy ON replay_policy.id = replay_allocation.policy_id
JOIN replay_model ON replay_model.replay_id = replay_policy.replay_id
    AND replay_model.position = replay_allocation.model_position
JOIN replay_server_type ON replay_server_type.replay_id = replay_policy.replay_id
    AND replay_server_type.position = replay_allocation.server_type_position;
CREATE INDEX measurement_by_cell
    ON measurement (model_id, server_type_id, "partition", threads, workers, batch_items, purpose);
CREATE INDEX measurement_by_run ON measurement (run_id);
CREATE INDEX measurement_by_server_type ON measurement (server_type_id);
CREATE INDEX measurement_by_host ON measurement (host_id);
CREATE INDEX measurement_by_settings ON measurement (settings_digest);
CREATE VIEW run_summary AS
SELECT
    run.id AS run_id,
    scenario.name AS scenario,
    run.status AS status,
    datetime(run.started_at_unix_seconds, 'unixepoch') AS started_at_utc,
    run.finished_at_unix_seconds - run.started_at_unix_seconds AS duration_seconds,
    run.seed AS seed,
    run.tool_version AS tool_version,
    (SELECT count(*) FROM measurement WHERE measurement.run_id = run.id) AS measurements,
    (SELECT count(*) FROM search WHERE search.run_id = run.id) AS searches,
    (SELECT count(*) FROM plan WHERE plan.run_id = run.id) AS plans,
    (SELECT count(*) FROM replay WHERE replay.run_id = run.id) AS replays
FROM run
JOIN scenario ON scenario.id = run.scenario_id;
CREATE VIEW measurement_summary AS
SELECT
    measurement.id AS measurement_id,
    datetime(measurement.measured_at_unix_seconds, 'unixepoch') AS measured_at_utc,
    model.name AS model,
    server_type.name AS server_type,
    measurement."partition" AS "partition",
    measurement.threads AS threads,
    measurement.workers AS workers,
    measurement.batch_items AS batch_items,
    measurement.purpose AS purpose,
    measurement.load_pattern AS load_pattern,
    measurement.repetition AS repetition,
    measurement.attempt AS attempt,
    measurement.offered_queries_per_second AS offered_queries_per_second,
    measurement.completed_queries_per_second AS completed_queries_per_second,
    measurement.queries AS queries,
    measurement.duration_nanoseconds / 1e9 AS duration_seconds,
    measurement.ending AS ending,
    measurement.ending = 'overloaded' AS is_overloaded,
    measurement.warm_up_nanoseconds / 1e6 AS warm_up_milliseconds,
    measurement.latency_mean_nanoseconds / 1e6 AS latency_mean_milliseconds,
    measurement.latency_p50_nanoseconds / 1e6 AS latency_p50_milliseconds,
    measurement.latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.latency_p99_nanoseconds / 1e6 AS latency_p99_milliseconds,
    measurement.latency_max_nanoseconds / 1e6 AS latency_max_milliseconds,
    measurement.generator_lateness_p50_nanoseconds / 1e6 AS generator_lateness_p50_milliseconds,
    measurement.generator_lateness_p99_nanoseconds / 1e6 AS generator_lateness_p99_milliseconds,
    measurement.generator_lateness_max_nanoseconds / 1e6 AS generator_lateness_max_milliseconds,
    measurement.utilisation_fraction AS utilisation_fraction,
    measurement.power_watts AS power_watts,
    measurement.power_provenance AS power_provenance,
    measurement.power_boundary AS power_boundary,
    measurement.idle_power_watts AS idle_power_watts,
    measurement.provenance AS provenance,
    measurement.source AS source,
    CASE
        WHEN verdict.measurement_id IS NULL THEN NULL
        ELSE NOT EXISTS (SELECT 1 FROM verdict_doubt WHERE verdict_doubt.measurement_id = measurement.id)
    END AS is_valid,
    (SELECT group_concat(doubt, ' ') FROM verdict_doubt WHERE verdict_doubt.measurement_id = measurement.id)
        AS doubts,
    verdict.answer AS answer,
    verdict.target_quantile AS target_quantile,
    verdict.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    verdict.tail_lower_nanoseconds / 1e6 AS tail_lower_milliseconds,
    verdict.tail_upper_nanoseconds / 1e6 AS tail_upper_milliseconds,
    measurement.steal_fraction AS steal_fraction,
    measurement.steal_max_fraction AS steal_max_fraction,
    measurement.processor_pressure_fraction AS processor_pressure_fraction,
    measurement.other_load_fraction AS other_load_fraction,
    measurement.frequency_mean_hertz / 1e9 AS frequency_mean_gigahertz,
    measurement.placement AS placement,
    measurement.engine AS engine,
    measurement.engine_version AS engine_version,
    host.name AS host,
    host.processor AS processor,
    host.cores AS cores,
    measurement.tool_version AS tool_version,
    measurement.run_id AS run_id
FROM measurement
JOIN model ON model.id = measurement.model_id
JOIN server_type ON server_type.id = measurement.server_type_id
JOIN host ON host.id = measurement.host_id
LEFT JOIN verdict ON verdict.measurement_id = measurement.id;
CREATE INDEX job_by_name ON job (name);
CREATE INDEX job_cell_by_state ON job_cell (job_id, expansion_digest, state, position);
CREATE INDEX job_cell_by_measurement ON job_cell (measurement_id);
CREATE INDEX job_cell_by_model ON job_cell (model_id);
CREATE INDEX job_cell_by_server_type ON job_cell (server_type_id);
CREATE TRIGGER run_gets_an_identity AFTER INSERT ON run
BEGIN
    INSERT INTO run_identity (run_id, identity) VALUES (new.id, lower(hex(randomblob(16))));
END;
CREATE VIEW job_summary AS
SELECT
    job.id AS job_id,
    job.name AS job,
    job_cell.host_fingerprint AS host_fingerprint,
    count(job_cell.id) AS cells,
    coalesce(sum(job_cell.state = 'done'), 0) AS done,
    coalesce(sum(job_cell.state = 'leased'), 0) AS running,
    coalesce(sum(job_cell.state = 'waiting'), 0) AS waiting,
    coalesce(sum(job_cell.state = 'failed'), 0) AS failed,
    coalesce(sum(job_cell.failures), 0) AS failures,
    coalesce(sum(job_cell.interruptions), 0) AS interruptions,
    coalesce(sum(CASE WHEN job_cell.state IN ('waiting', 'leased') THEN job_cell.expected_nanoseconds END), 0) / 1e9
        AS expected_seconds_left,
    datetime(job.created_at_unix_seconds, 'unixepoch') AS created_at_utc
FROM job
LEFT JOIN job_cell ON job_cell.job_id = job.id
GROUP BY job.id, job_cell.host_fingerprint;
CREATE VIEW job_cell_summary AS
SELECT
    job_cell.id AS cell_id,
    job.name AS job,
    job_cell.host_fingerprint AS host_fingerprint,
    model.name AS model,
    server_type.name AS server_type,
    job_cell.engine AS engine,
    job_cell.schedule AS schedule,
    job_cell.load AS load,
    job_cell.repetition AS repetition,
    job_cell.state AS state,
    job_cell.worker_host AS worker_host,
    job_cell.worker_process_id AS worker_process_id,
    job_cell.failures AS failures,
    job_cell.interruptions AS interruptions,
    job_cell.error AS error,
    datetime(job_cell.finished_at_unix_seconds, 'unixepoch') AS finished_at_utc,
    job_cell.measurement_id AS measurement_id,
    measurement.completed_queries_per_second AS completed_queries_per_second,
    measurement.latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.power_watts AS power_watts,
    measurement.power_provenance AS power_provenance,
    measurement.provenance AS provenance,
    job_cell.job_id AS job_id
FROM job_cell
JOIN job ON job.id = job_cell.job_id
JOIN model ON model.id = job_cell.model_id
JOIN server_type ON server_type.id = job_cell.server_type_id
LEFT JOIN measurement ON measurement.id = job_cell.measurement_id;
CREATE VIEW token_summary AS
SELECT
    measurement.id AS measurement_id, model.name AS model, server_type.name AS server_type, engine, engine_version,
    threads AS requests_in_flight, purpose, offered_queries_per_second, completed_queries_per_second,
    requests, prompt_tokens, output_tokens, is_reported, output_tokens_per_second,
    first_token_p50_nanoseconds / 1e6 AS first_token_p50_milliseconds,
    first_token_p95_nanoseconds / 1e6 AS first_token_p95_milliseconds,
    first_token_p99_nanoseconds / 1e6 AS first_token_p99_milliseconds,
    output_token_p50_nanoseconds / 1e6 AS output_token_p50_milliseconds,
    output_token_p95_nanoseconds / 1e6 AS output_token_p95_milliseconds,
    output_token_p99_nanoseconds / 1e6 AS output_token_p99_milliseconds,
    latency_p50_nanoseconds / 1e6 AS latency_p50_milliseconds,
    latency_p95_nanoseconds / 1e6 AS latency_p95_milliseconds,
    measurement.provenance, measured_at_unix_seconds
FROM measurement_tokens
JOIN measurement ON measurement.id = measurement_tokens.measurement_id
JOIN model ON model.id = measurement.model_id
JOIN server_type ON server_type.id = measurement.server_type_id;
CREATE VIEW efficiency_summary AS
SELECT
    search.id AS search_id,
    model.name AS model,
    server_type.name AS server_type,
    efficiency.search_id IS NOT NULL AS is_feasible,
    search.id = max(search.id) OVER (PARTITION BY model.name, server_type.name) AS is_latest,
    efficiency."partition" AS "partition",
    efficiency.threads AS threads,
    efficiency.workers AS workers,
    efficiency.batch_items AS batch_items,
    efficiency.sparse_threads AS sparse_threads,
    efficiency.sparse_workers AS sparse_workers,
    efficiency.hot_fraction AS hot_fraction,
    efficiency.throughput_queries_per_second AS throughput_queries_per_second,
    efficiency.power_watts AS power_watts,
    efficiency.throughput_queries_per_second / nullif(efficiency.power_watts, 0) AS queries_per_joule,
    efficiency.provenance AS provenance,
    efficiency.power_provenance AS power_provenance,
    search.target_quantile AS target_quantile,
    search.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    search.power_budget_watts AS power_budget_watts,
    search.method AS method,
    (SELECT count(*) FROM evaluation WHERE evaluation.search_id = search.id) AS evaluations,
    efficiency.space_size AS space_size,
    search.stop AS stop,
    datetime(search.searched_at_unix_seconds, 'unixepoch') AS searched_at_utc,
    search.tool_version AS tool_version,
    search.run_id AS run_id
FROM search
JOIN model ON model.id = search.model_id
JOIN server_type ON server_type.id = search.server_type_id
LEFT JOIN efficiency ON efficiency.search_id = search.id;
CREATE VIEW evaluation_summary AS
SELECT
    evaluation.search_id AS search_id,
    model.name AS model,
    server_type.name AS server_type,
    search.method AS method,
    search.target_quantile AS target_quantile,
    search.target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    search.power_budget_watts AS power_budget_watts,
    evaluation.position AS position,
    evaluation."partition" AS "partition",
    evaluation.threads AS threads,
    evaluation.workers AS workers,
    evaluation.batch_items AS batch_items,
    evaluation.sparse_threads AS sparse_threads,
    evaluation.sparse_workers AS sparse_workers,
    evaluation.hot_fraction AS hot_fraction,
    evaluation.throughput_queries_per_second AS throughput_queries_per_second,
    evaluation.uncertainty_fraction AS uncertainty_fraction,
    evaluation.power_watts AS power_watts,
    evaluation.provenance AS provenance,
    EXISTS (
        SELECT 1 FROM search_step
        WHERE search_step.search_id = evaluation.search_id
        AND search_step.evaluation_position = evaluation.position
    ) AS is_on_path,
    max(evaluation.throughput_queries_per_second) OVER (
        PARTITION BY evaluation.search_id ORDER BY evaluation.position
    ) AS best_so_far_queries_per_second
FROM evaluation
JOIN search ON search.id = evaluation.search_id
JOIN model ON model.id = search.model_id
JOIN server_type ON server_type.id = search.server_type_id;
CREATE VIEW search_path AS
SELECT
    search_step.search_id AS search_id,
    evaluation_summary.model AS model,
    evaluation_summary.server_type AS server_type,
    evaluation_summary.method AS method,
    evaluation_summary.target_quantile AS target_quantile,
    evaluation_summary.target_limit_milliseconds AS target_limit_milliseconds,
    evaluation_summary.power_budget_watts AS power_budget_watts,
    search_step.position AS step,
    search_step.evaluation_position AS evaluation_position,
    evaluation_summary."partition" AS "partition",
    evaluation_summary.threads AS threads,
    evaluation_summary.workers AS workers,
    evaluation_summary.batch_items AS batch_items,
    evaluation_summary.sparse_threads AS sparse_threads,
    evaluation_summary.sparse_workers AS sparse_workers,
    evaluation_summary.hot_fraction AS hot_fraction,
    evaluation_summary.throughput_queries_per_second AS throughput_queries_per_second,
    evaluation_summary.power_watts AS power_watts,
    evaluation_summary.provenance AS provenance
FROM search_step
JOIN evaluation_summary ON evaluation_summary.search_id = search_step.search_id
    AND evaluation_summary.position = search_step.evaluation_position
ORDER BY search_step.search_id, search_step.position;
CREATE VIEW replay_decision_summary AS
SELECT
    replay_policy.replay_id AS replay_id,
    replay_policy.name AS policy,
    datetime(trace.start_unix_seconds + replay_decision.at_nanoseconds / 1000000000, 'unixepoch') AS decided_at_utc,
    replay_decision.reason AS reason,
    replay_model.name AS model,
    replay_decision.before_queries_per_second AS before_queries_per_second,
    replay_decision.needed_queries_per_second AS needed_queries_per_second,
    (SELECT coalesce(sum(servers), 0) FROM replay_action
        WHERE replay_action.policy_id = replay_decision.policy_id
        AND replay_action.decision_position = replay_decision.position
        AND replay_action."action" = 'start') AS servers_started,
    (SELECT coalesce(sum(servers), 0) FROM replay_action
        WHERE replay_action.policy_id = replay_decision.policy_id
        AND replay_action.decision_position = replay_decision.position
        AND replay_action."action" = 'stop') AS servers_stopped
FROM replay_decision
JOIN replay_policy ON replay_policy.id = replay_decision.policy_id
JOIN replay ON replay.id = replay_policy.replay_id
JOIN trace ON trace.id = replay.trace_id
LEFT JOIN replay_model ON replay_model.replay_id = replay.id
    AND replay_model.position = replay_decision.model_position;
CREATE VIEW request_level_summary AS
SELECT request_level.id AS request_level_id, replay_id, dispatch, policy, model,
    start_nanoseconds / 1e9 AS start_seconds, duration_nanoseconds / 1e9 AS duration_seconds,
    tail_latency_nanoseconds / 1e6 AS tail_latency_milliseconds,
    target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    arrived AS arrived_queries, failed AS failed_queries,
    CASE WHEN arrived > 0 THEN CAST(failed AS REAL) / arrived END AS failed_fraction,
    CASE WHEN fluid_arrived > 0 THEN fluid_violated / fluid_arrived END AS fluid_violation_fraction
FROM request_level
JOIN request_level_result ON request_level_result.request_level_id = request_level.id
JOIN (
    SELECT result_id, sum(arrived_queries) AS arrived,
        sum(late_queries + dropped_queries + waiting_queries) AS failed,
        sum(load_queries_per_second * duration_nanoseconds) AS fluid_arrived,
        sum(iif(load_queries_per_second > capacity_queries_per_second * (1 + 1e-9),
            load_queries_per_second * duration_nanoseconds, 0)) AS fluid_violated
    FROM request_level_segment GROUP BY result_id
) AS segments ON segments.result_id = request_level_result.id;
CREATE INDEX throughput_comparison_by_run ON throughput_comparison (run_id);
CREATE INDEX throughput_comparison_by_model ON throughput_comparison (model_id);
CREATE INDEX throughput_comparison_by_server_type ON throughput_comparison (server_type_id);
CREATE INDEX throughput_comparison_by_host ON throughput_comparison (host_id);
CREATE VIEW throughput_comparison_summary AS
SELECT
    throughput_comparison.id AS comparison_id,
    model.name AS model,
    server_type.name AS server_type,
    throughput_comparison."partition" AS "partition",
    throughput_comparison.threads AS threads,
    throughput_comparison.workers AS workers,
    throughput_comparison.batch_items AS batch_items,
    target_quantile AS target_quantile,
    target_limit_nanoseconds / 1e6 AS target_limit_milliseconds,
    live_queries_per_second AS live_queries_per_second,
    profiled_queries_per_second AS profiled_queries_per_second,
    plain_queries_per_second AS plain_queries_per_second,
    (profiled_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS difference_fraction,
    (plain_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS plain_difference_fraction,
    (stored_queries_per_second - live_queries_per_second) / nullif(live_queries_per_second, 0)
        AS stored_difference_fraction,
    rates AS rates,
    doubtful_rates AS doubtful_rates,
    throughput_comparison.provenance AS provenance,
    throughput_comparison.engine AS engine,
    host.name AS host,
    datetime(compared_at_unix_seconds, 'unixepoch') AS compared_at_utc,
    throughput_comparison.tool_version AS tool_version,
    run_id AS run_id
FROM throughput_comparison
JOIN model ON model.id = throughput_comparison.model_id
JOIN server_type ON server_type.id = throughput_comparison.server_type_id
JOIN host ON host.id = throughput_comparison.host_id;
CREATE INDEX imported_figure_by_pair ON imported_figure (model, server);
CREATE VIEW import_summary AS
SELECT
    import_source.id AS import_id, kind, file, source, licence, rows_read, rows_kept, rows_refused, rows_marked,
    datetime(imported_at_unix_seconds, 'unixepoch') AS imported_at_utc, tool_version, file_digest
FROM import_source;
CREATE VIEW imported_figure_summary AS
SELECT
    import_source.kind AS kind, model, server, devices, parallelism, "precision", framework, batch_items,
    concurrent_queries, throughput_per_second, throughput_unit, is_throughput_derived,
    mean_latency_nanoseconds / 1e6 AS mean_latency_milliseconds,
    p50_latency_nanoseconds / 1e6 AS p50_latency_milliseconds,
    p99_latency_nanoseconds / 1e6 AS p99_latency_milliseconds,
    first_token_nanoseconds / 1e6 AS first_token_milliseconds,
    output_token_nanoseconds / 1e6 AS output_token_milliseconds,
    power_watts, power_scope, power_provenance, provenance, is_sound,
    trim(
        iif(little_check <> '', little_check || '; ', '') || iif(quantiles_check <> '', quantiles_check || '; ', '')
        || iif(energy_check <> '', energy_check || '; ', '') || iif(power_check <> '', power_check || '; ', '')
        || iif(roofline_check <> '', roofline_check || '; ', '')
        || iif(phases_check <> '', phases_check || '; ', ''), '; ') AS doubts,
    ifnull(imported_figure.source, import_source.source) AS source,
    ifnull(imported_figure.licence, import_source.licence) AS licence, published,
    file, line, import_id
FROM imported_figure JOIN import_source ON import_source.id = import_id;
COMMIT;
