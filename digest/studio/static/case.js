// One awkward case at full size: its frames are as wide as the devices are.
import { fitDevices } from "./devices.js";

fitDevices();
