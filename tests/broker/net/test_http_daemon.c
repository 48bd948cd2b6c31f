#include "tests/broker/net/http_world.h"
int main(void){return 0;}
