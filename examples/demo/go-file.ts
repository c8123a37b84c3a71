/** In the work folder: the driver makes it once the engine is dead, and tasks that are held wait for it. */
export const goFile = "go";
