"""Names that are written like any other word: persons, countries, cities, bodies.

Arabic has no capitals, and much English on the web is without them. The list is short on purpose:
it holds what occurs often; other names are told by capitals or by what stands before them. Names
that are common words as well (امل, also hope) are a list of their own.
"""

from functools import cache

_ARABIC = """
محمد محمود احمد حسن حسين خالد عثمان ابراهيم اسماعيل اسحاق يعقوب يوسف موسي عيسي داود سليمان هارون
زكريا يحيي ادريس مصطفي مرتضي طه ياسين حمزه عباس جعفر مهدي سعد سعود فيصل فهد نايف سلمان زايد حمدان
مكتوم تميم حمد جاسم مشعل متعب تركي طلال مقرن ماجد ياسر عمار بلال انس حاتم هيثم وائل باسل ايمن
ايهاب اسامه رامي رائد زياد سامي طارق عاطف عصام علاء عماد غسان فؤاد فادي فارس فاروق فراس لؤي مازن
مدحت مروان معاذ ممدوح مهند نزار هاشم هاني هشام عبدالله عبدالرحمن عبدالعزيز عبدالملك عبدالكريم
عبدالحميد عبدالمجيد عبدالرحيم عبدالسلام عبدالقادر عبدالفتاح عبدالناصر عبدالوهاب عبداللطيف
عبدالحليم عبدالهادي عبدالمنعم عبدالاله عبدالرزاق عبدالجبار عبدربه عبده فاطمه عائشه خديجه زينب مريم
امنه حفصه رقيه سميه اسماء هاجر ساره ليلي سلمي هيفاء هاله هبه نوره نوف نجلاء ناديه منال منيره مها
لطيفه لبني كوثر فوزيه غاده عبير شيماء شيرين سهير سعاد سميره رنا ريم رانيا داليا دينا خلود جواهر
بثينه القحطاني الغامدي الزهراني الشهري العتيبي المطيري الحربي الشمري الدوسري العنزي الرشيدي
السبيعي البلوي المالكي العمري الحازمي المصري السوري العراقي الحلبي البغدادي الصباح السيسي مرسي
السادات القذافي العبادي الحريري نصرالله السيستاني الحوثي صدام عرفات هنيه البشير بوتفليقه السبسي
الغنوشي بورقيبه خامنئي خميني روحاني اردوغان اوغلو اوباما ترامب كلينتون بوش بايدن كيري بوتين لافروف
ميركل هولاند ماكرون ساركوزي كاميرون بلير نتنياهو شارون ليبرمان بيريز مودي ميسي رونالدو نيمار
مارادونا بيليه زيدان مورينيو غوارديولا بلاتر مصر السعوديه سوريا العراق لبنان الاردن فلسطين اليمن
عمان الكويت البحرين قطر الامارات السودان ليبيا تونس الجزائر المغرب موريتانيا الصومال جيبوتي تركيا
ايران افغانستان باكستان الهند الصين اليابان كوريا اندونيسيا ماليزيا سنغافوره تايلاند فيتنام
الفلبين بنغلادش استراليا روسيا اوكرانيا بولندا المانيا فرنسا بريطانيا انجلترا اسكتلندا ايرلندا
ايطاليا اسبانيا البرتغال هولندا بلجيكا سويسرا النمسا السويد النرويج الدنمارك فنلندا اليونان قبرص
بلغاريا رومانيا المجر صربيا البوسنه كوسوفو البانيا امريكا كندا المكسيك البرازيل الارجنتين تشيلي
كولومبيا فنزويلا بيرو كوبا نيجيريا غانا السنغال النيجر تشاد اثيوبيا كينيا اوغندا تنزانيا اسرائيل
ارمينيا جورجيا اذربيجان كازاخستان اوروبا افريقيا اسيا الخليج الرياض جده مكه الدمام الطائف تبوك
ابها القصيم بريده حائل نجران جازان جيزان الاحساء القطيف الظهران ينبع عرعر القاهره الاسكندريه
الجيزه اسيوط سوهاج الاقصر اسوان السويس سيناء دمشق حلب حمص حماه ادلب درعا اللاذقيه طرطوس الرقه تدمر
كوباني بغداد البصره الموصل كركوك الفلوجه الرمادي اربيل النجف كربلاء تكريت بيروت طرابلس صيدا عرسال
صنعاء عدن تعز الحديده صعده مارب مسقط دبي ابوظبي الشارقه الدوحه المنامه الخرطوم دارفور بنغازي سرت
مصراته وهران مراكش الرباط طنجه الدارالبيضاء القدس غزه رفح نابلس رام جنين يافا حيفا عكا الزرقاء
اربد انقره اسطنبول طهران اصفهان مشهد كابول قندهار اسلامآباد كراتشي بيشاور دلهي مومباي بكين شنغهاي
طوكيو سيول موسكو كييف برلين ميونيخ باريس مارسيليا لندن مانشستر ليفربول روما ميلانو تورينو مدريد
برشلونه لشبونه امستردام بروكسل جنيف زيورخ فيينا ستوكهولم اوسلو اثينا واشنطن نيويورك شيكاغو
كاليفورنيا تكساس فلوريدا بوسطن هيوستن تورونتو داعش طالبان الناتو اوبك يونيسف اليونسكو الفيفا
اليويفا ارامكو سابك غوغل جوجل فيسبوك تويتر يوتيوب انستغرام انستقرام واتساب مايكروسوفت سامسونج
سامسونغ هواوي نوكيا امازون تويوتا مرسيدس بوينغ ايرباص رويترز الزمالك اتلتيكو يوفنتوس تشيلسي ارسنال
بايرن يونايتد الهلال الاهلي الفيصلي
"""
_ALSO_WORDS = """
علي يزيد عمر سعيد سالم جمال امل ايمان هدي نور فرح حنان كمال شريف صالح عادل مالك صادق رضا صباح
مبارك مساعد دعاء الهام ابتسام صلاح فتح سلطان وسام نضال صور الخليل الخبر الشباب الاتفاق ريال
العربيه الجزيره المدينه الصدر ظريف هادي مالي فاس حماس القاعده ابل نوح ادم هند شادي باسم وليد خليفه
راشد رشيد ناصر منصور باقر كاظم اشرف اكرم انور امجد محسن حازم حسام نبيل نادر سمير جابر بندر الحداد
النجار الخطيب الاسد
"""
_ENGLISH = """
trump obama clinton hillary biden reagan nixon kennedy lincoln roosevelt sanders pelosi mcconnell
romney mccain palin rubio kavanaugh comey mueller putin merkel macron trudeau thatcher netanyahu
erdogan assad saddam gaddafi castro chavez mao stalin lenin hitler mussolini churchill gandhi modi
mandela muhammad mohammed mohammad mohamed muhammed jesus christ moses allah buddha einstein
newton darwin tesla edison musk zuckerberg bezos america usa canada mexico brazil argentina chile
colombia venezuela cuba england scotland ireland wales britain france germany italy spain portugal
netherlands holland belgium switzerland austria sweden norway denmark finland russia ukraine
poland hungary romania greece serbia bosnia israel palestine syria iraq iran lebanon jordan egypt
libya tunisia algeria morocco sudan yemen oman qatar kuwait bahrain saudi emirates afghanistan
pakistan india bangladesh nepal china japan korea vietnam thailand indonesia malaysia philippines
australia zealand nigeria ghana kenya ethiopia somalia africa europe asia alaska alabama arizona
arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana
iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi
missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont
virginia wisconsin wyoming washington chicago boston detroit seattle portland denver houston
dallas atlanta miami toronto montreal vancouver ottawa london paris berlin rome madrid moscow
beijing tokyo delhi mumbai cairo baghdad damascus beirut tehran jerusalem dubai riyadh google
facebook twitter youtube reddit instagram whatsapp microsoft amazon netflix samsung nokia toyota
boeing airbus walmart wikipedia cnn bbc nbc abc espn nfl nba fifa uefa nato isis fbi cia nasa john
david james michael robert william thomas charles daniel matthew anthony donald steven andrew
kenneth joshua kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas
eric jonathan stephen larry scott brandon benjamin samuel gregory alexander patrick dennis jerry
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret
sandra ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura
sharon cynthia kathleen amy angela shirley anna emma olivia sophia
"""


@cache
def known_names() -> frozenset[str]:
    """The listed names in plain spelling, without the article where they have one."""
    listed = f"{_ARABIC} {_ENGLISH}".split()
    return frozenset(listed) | {name[2:] for name in listed if name[:2] == "ال" and len(name) > 5}


@cache
def doubtful_names() -> frozenset[str]:
    """Names that are words as well, in plain spelling: names beside another name only."""
    return frozenset(_ALSO_WORDS.split())
