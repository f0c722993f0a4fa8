/** Started by `cutlayer run` for each run. */

import { serveOneRun } from '../lab/worker.ts';
import { catalogues } from './catalogues.ts';

serveOneRun(catalogues);
