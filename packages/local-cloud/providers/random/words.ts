/** Words for RandomPet. */

export const adverbs =
  `barely boldly briefly brightly calmly clearly closely daily deeply duly early evenly fairly firmly
  freely fully gently gladly hugely jointly keenly kindly largely lightly loosely mainly mildly mostly nearly neatly openly
  partly plainly proudly quickly quietly rarely readily safely sharply shortly simply slowly smoothly softly solely steadily
  strongly surely swiftly tightly truly vastly warmly widely wisely`.split(/\s+/);

export const adjectives =
  `able active agile ample amber apt awake bold brave bright brisk calm candid clean clear clever
  coastal crisp deep eager early elder even fair fine firm fleet fond frank fresh full gentle glad golden grand hardy humble
  keen kind level light lively loyal lucid lunar mellow merry mild modest neat nimble noble open patient plain polite prime
  proud quick quiet rapid ready robust rosy round serene sharp silver simple smart snug solar solid sound spry steady still
  stout sunny swift tidy true vast vivid warm wise witty young`.split(/\s+/);

export const animals =
  `adder badger bat bear beaver bee bison boar buck calf camel carp cat chough cod colt condor coot crab
  crane cricket crow curlew deer dingo dog dolphin dove drake duck eagle eel egret elk emu falcon ferret finch fox frog gecko
  goat goose grouse gull hare hawk hen heron hornet horse hound ibex ibis jackal jay kestrel kite koala lark linnet lion
  lizard llama lynx magpie marlin marten mole moose moth mule newt orca osprey otter owl ox panda parrot perch pigeon pony
  puffin puma quail rabbit ram raven ray robin rook salmon seal shark sheep shrew skunk snail snipe sparrow stag stoat stork
  swan tapir tern tiger toad trout tuna viper vole wasp weasel whale wolf wombat wren yak zebra`.split(/\s+/);
